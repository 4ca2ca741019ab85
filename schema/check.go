package schema

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Fault is a table or view that is not as the migrations make it, in a way that
// would lose events or count them twice.
type Fault struct {
	// Object is its name, "polo.resource_events".
	Object string
	// Problem says what is wrong and what comes of it, Remedy what to change.
	Problem, Remedy string
}

// FaultsError lists every fault of a schema.
type FaultsError struct{ Faults []Fault }

func (e *FaultsError) Error() string {
	var b strings.Builder
	b.WriteString("the schema would not stay exact")
	for _, f := range e.Faults {
		fmt.Fprintf(&b, "\n  %s: %s; %s", f.Object, f.Problem, f.Remedy)
	}
	return b.String()
}

// wanted is what a table or materialised view must be.
type wanted struct {
	name      string
	view      bool
	engine    string // with its version column: "ReplacingMergeTree(version)"
	partition string
	order     string
	window    bool // an insert that is tried again must be recognised
	to        string
	over      string // of a Distributed table: what it is over, and by which key
}

var (
	createTable       = regexp.MustCompile(`(?s)^CREATE TABLE IF NOT EXISTS polo\.(\w+).*?\nENGINE = (?:Replicated)?(\w+MergeTree)\((?:'[^']*', '[^']*', )?(\w*)\)(?:\nPARTITION BY ([^\n]+))?\nORDER BY ([^\n]+?)(\nSETTINGS [^\n]*)?$`)
	createDistributed = regexp.MustCompile(`(?s)^CREATE TABLE IF NOT EXISTS polo\.(\w+).*?\nENGINE = Distributed\('{cluster}', ([^\n]+)\)$`)
	createView        = regexp.MustCompile(`(?s)^CREATE MATERIALIZED VIEW IF NOT EXISTS polo\.(\w+).*? TO polo\.(\w+)`)
	drop              = regexp.MustCompile(`^DROP (?:TABLE|VIEW) IF EXISTS polo\.(\w+)`)
	comments          = regexp.MustCompile(`(?m)^--.*\n`)
)

// wantedOf reads what must be off the migrations themselves, so that a new
// table is checked without another word: of each name what was made last and not
// dropped since.
func wantedOf(statements []Statement) []wanted {
	var out []wanted
	forget := func(name string) {
		out = slices.DeleteFunc(out, func(w wanted) bool { return w.name == name })
	}
	for _, s := range statements {
		sql := strings.TrimSpace(comments.ReplaceAllString(s.SQL, ""))
		var w wanted
		if m := createTable.FindStringSubmatch(sql); m != nil {
			w = wanted{
				name: m[1], engine: m[2] + "(" + m[3] + ")", partition: m[4], order: strings.Trim(m[5], "()"),
				window: strings.Contains(m[6], "non_replicated_deduplication_window"),
			}
		} else if m := createDistributed.FindStringSubmatch(sql); m != nil {
			w = wanted{name: m[1], over: m[2]}
		} else if m := createView.FindStringSubmatch(sql); m != nil {
			w = wanted{name: m[1], view: true, to: m[2]}
		} else {
			if m := drop.FindStringSubmatch(sql); m != nil {
				forget(m[1])
			}
			continue
		}
		forget(w.name)
		out = append(out, w)
	}
	return out
}

// found is what a table or materialised view is.
type found struct{ engine, full, order, partition, create string }

// Check compares the tables and materialised views of the database with what the
// migrations make, as far as exactness rests on it, and returns a *FaultsError for
// what differs. It sees what conn's account may see: only the objects named, or
// all of the migrations when none is.
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
	for _, w := range wantedOf(statements) {
		known[w.name] = true
		if len(only) == 0 || only[w.name] || only[strings.TrimSuffix(w.name, localSuffix)] {
			faults = append(faults, w.faults(have)...)
		}
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
	rows, err := conn.Query(ctx, `SELECT name, engine, engine_full, sorting_key, partition_key, create_table_query
FROM system.tables WHERE database = 'polo'`)
	if err != nil {
		return nil, fmt.Errorf("reading the tables' definitions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	have := map[string]found{}
	for rows.Next() {
		var name string
		var f found
		if err := rows.Scan(&name, &f.engine, &f.full, &f.order, &f.partition, &f.create); err != nil {
			return nil, fmt.Errorf("reading the tables' definitions: %w", err)
		}
		have[name] = f
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the tables' definitions: %w", err)
	}
	return have, nil
}

const remake = "make it anew by the migrations and copy the rows (polo schema render prints them)"

func (w wanted) faults(have map[string]found) []Fault {
	f, ok := have[w.name]
	if !ok {
		return []Fault{{"polo." + w.name, "it is missing, or this account cannot see it", "run polo schema up"}}
	}
	var out []Fault
	fault := func(problem, remedy string, args ...any) {
		out = append(out, Fault{"polo." + w.name, fmt.Sprintf(problem, args...), remedy})
	}
	if w.view {
		if f.engine != "MaterializedView" || !strings.Contains(f.create, " TO polo."+w.to+" ") {
			fault("it does not fill polo.%s, whose rows would be lost", "drop it and run polo schema up", w.to)
		}
		return out
	}
	if w.over != "" {
		if f.engine != "Distributed" || !strings.Contains(f.full, ", "+w.over+")") {
			fault("it is not a Distributed table over %s: statements of one event would not meet on one shard", "drop it and run polo schema up: it holds no rows", w.over)
		}
		return out
	}
	// Engines of other deployments carry a prefix and, in front of the version,
	// a path and a replica.
	engine, version, _ := strings.Cut(strings.TrimSuffix(w.engine, ")"), "(")
	if !strings.HasSuffix(f.engine, engine) || !regexp.MustCompile(`^\w+\((?:'[^']*', '[^']*', )?`+version+`\)`).MatchString(f.full) {
		fault("its engine is not %s: events that arrive twice would count twice", remake, w.engine)
	}
	if f.order != w.order {
		fault("it is ordered by (%s) and not by (%s): statements of one event would not meet", remake, f.order, w.order)
	}
	if f.partition != w.partition {
		fault("it is partitioned by %q and not by %q: statements of one event would not meet", remake, f.partition, w.partition)
	}
	if w.window && !regexp.MustCompile(`non_replicated_deduplication_window = [1-9]`).MatchString(f.full) {
		fault("an insert that is tried again would not be recognised", "ALTER TABLE polo."+w.name+" MODIFY SETTING non_replicated_deduplication_window = 10000")
	}
	return out
}

// additive finds views of someone else that sum up what is inserted: over
// deliveries that repeat they count twice.
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
				"polo." + name, "it adds up what is inserted: events that arrive twice would count twice",
				"drop it, and make a view over a table with FINAL, or a refreshable one",
			})
		}
	}
	return out
}
