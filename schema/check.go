package schema

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Fault is a difference between a table, view or dictionary and the migrations that would lose
// events, count them twice or give other answers.
type Fault struct {
	// Object is its name, "polo.resource_events".
	Object string
	// Problem says what is wrong and what follows from it, Remedy what to change.
	Problem, Remedy string
}

// FaultsError lists every fault of a schema.
type FaultsError struct{ Faults []Fault }

func (e *FaultsError) Error() string {
	var b strings.Builder
	b.WriteString("schema check failed: rows could be lost, counted twice or read wrongly")
	for _, f := range e.Faults {
		fmt.Fprintf(&b, "\n  %s: %s; %s", f.Object, f.Problem, f.Remedy)
	}
	return b.String()
}

// found is the definition of a table, view or dictionary in the database.
type found struct{ engine, full, order, partition, create, query string }

// Check compares the tables of the database with the migrations, in all that exactness depends on,
// and the definitions of views and dictionaries with their files. It returns a *FaultsError for the
// differences. It checks only the given objects, or all of the migrations if none is given, and
// sees only what conn's account may see.
func Check(ctx context.Context, conn driver.Conn, t Target, objects ...string) error {
	statements, err := Render(t)
	if err != nil {
		return err
	}
	have, err := objectsOf(ctx, conn)
	if err != nil {
		return err
	}
	only := make(map[string]bool, len(objects))
	for _, o := range objects {
		only[o] = true
	}
	var faults []Fault
	if t.Kind == Cluster && len(only) == 0 {
		if _, faults, err = clusterOf(ctx, conn); err != nil {
			return err
		}
	}
	known := map[string]bool{}
	var compared []wanted
	for _, w := range wantedOf(statements) {
		known[w.name] = true
		if len(only) == 0 || only[w.name] || only[strings.TrimSuffix(w.name, localSuffix)] {
			compared = append(compared, w)
		}
	}
	definitions, err := definitionsOf(ctx, conn, compared)
	if err != nil {
		return err
	}
	for _, w := range compared {
		faults = append(faults, w.faults(have, definitions[w.name])...)
	}
	if len(only) == 0 {
		faults = append(faults, additive(have, known)...)
	}
	if faults == nil {
		return nil
	}
	return &FaultsError{faults}
}

func objectsOf(ctx context.Context, conn driver.Conn) (map[string]found, error) {
	rows, err := conn.Query(ctx, `SELECT name, engine, engine_full, sorting_key, partition_key, create_table_query, as_select
FROM system.tables WHERE database = 'polo'`)
	if err != nil {
		return nil, fmt.Errorf("reading the tables' definitions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	have := map[string]found{}
	for rows.Next() {
		var name string
		var f found
		if err := rows.Scan(&name, &f.engine, &f.full, &f.order, &f.partition, &f.create, &f.query); err != nil {
			return nil, fmt.Errorf("reading the tables' definitions: %w", err)
		}
		have[name] = f
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the tables' definitions: %w", err)
	}
	return have, nil
}

// additive finds other people's views that sum up inserts: they count redelivered events twice.
func additive(have map[string]found, known map[string]bool) []Fault {
	target := regexp.MustCompile(` TO polo\.(\w+) `)
	var out []Fault
	for name, f := range have {
		if f.engine != "MaterializedView" || known[name] || strings.Contains(f.create, " REFRESH ") {
			continue
		}
		engine := f.create
		if m := target.FindStringSubmatch(f.create); m != nil {
			engine = have[m[1]].full
		}
		if strings.Contains(engine, "SummingMergeTree") || strings.Contains(engine, "AggregatingMergeTree") {
			out = append(out, Fault{
				"polo." + name, "it adds up inserts: redelivered events would count twice",
				"drop it, and make a view over a table with FINAL, or a refreshable one",
			})
		}
	}
	return out
}
