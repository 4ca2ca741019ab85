package schema

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// mention matches a name of the database in SQL, and one that merge() is told.
var mention = regexp.MustCompile(`\bpolo\.(\w+)|'\^(\w+)\$'`)

// inOrder sorts views so that each comes after those that it reads: to create a view, ClickHouse
// needs the columns that it reads.
func inOrder(views []migration) []migration {
	byName := map[string]migration{}
	for _, v := range views {
		byName[v.name] = v
	}
	var out []migration
	seen := map[string]bool{}
	var visit func(v migration)
	visit = func(v migration) {
		if seen[v.name] {
			return
		}
		seen[v.name] = true
		for _, m := range mention.FindAllStringSubmatch(strings.Join(v.sql, "\n"), -1) {
			if read, ok := byName[m[1]+m[2]]; ok {
				visit(read)
			}
		}
		out = append(out, v)
	}
	for _, v := range views {
		visit(v)
	}
	return out
}

// formattingOf is the query of definitionsOf, "" where nothing has a definition. It leaves out
// the accounts of dictionaries, because ClickHouse keeps the text of queries.
func formattingOf(all []wanted) string {
	var pairs []string
	for _, w := range all {
		if w.query != "" {
			pairs = append(pairs, "("+quote(w.name)+", "+quote(account.ReplaceAllString(w.query, ""))+")")
		}
	}
	if pairs == nil {
		return ""
	}
	return "SELECT pair.1, formatQuerySingleLine(pair.2) FROM (SELECT arrayJoin([" + strings.Join(pairs, ", ") + "]) AS pair)"
}

// definitionsOf returns by name the queries of views and dictionaries in the server's own format,
// so that they can be compared with those in the database.
func definitionsOf(ctx context.Context, conn driver.Conn, all []wanted) (_ map[string]string, err error) {
	out := map[string]string{}
	query := formattingOf(all)
	if query == "" {
		return out, nil
	}
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("formatting the views' definitions: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name, definition string
		if err := rows.Scan(&name, &definition); err != nil {
			return nil, fmt.Errorf("formatting the views' definitions: %w", err)
		}
		out[name] = definition
	}
	return out, rows.Err()
}

var (
	function = regexp.MustCompile(`\w+\(`)
	// account matches the account of a dictionary's source, which not everyone may see.
	account = regexp.MustCompile(`(USER|PASSWORD) '(?:[^'\\]|\\.)*' `)
)

// same reports whether f has the given definition. Servers rewrite the names of some functions;
// dictionaries are compared without their account.
func (w wanted) same(f found, definition string) bool {
	canonical := func(sql string) string {
		return function.ReplaceAllStringFunc(sql, func(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) })
	}
	if w.dictionary {
		return f.engine == "Dictionary" && canonical(account.ReplaceAllString(f.create, "")) == canonical(account.ReplaceAllString(definition, ""))
	}
	return (w.to != "" || f.engine == "View") && canonical(f.query) == canonical(definition)
}

// staleness says what Up does with a view.
type staleness int

const (
	current staleness = iota
	// unrecorded: it matches its file, but has no record of that.
	unrecorded
	// outdated: it is missing, has another text, or was changed by hand.
	outdated
)

// stale returns the views to apply or to record. A dictionary that matches its file is left alone,
// because Up may not know the account that it was created with.
func (m *Migrator) stale(ctx context.Context, migrations []migration, seen records) (map[string]staleness, error) {
	have, err := objectsOf(ctx, m.conn)
	if err != nil {
		return nil, err
	}
	var views []wanted
	recorded := map[string]bool{}
	for _, mig := range migrations {
		if mig.number > 0 {
			continue
		}
		w := wantedOf(mig.statements())
		if len(w) != 1 || w[0].name != mig.name {
			return nil, fmt.Errorf("%s: it does not create a view or dictionary of that name, and nothing else", mig.title())
		}
		views = append(views, w[0])
		recorded[mig.name] = seen.views[mig.name].checksum == mig.checksum
	}
	definitions, err := definitionsOf(ctx, m.conn, views)
	if err != nil {
		return nil, err
	}
	out := map[string]staleness{}
	for _, w := range views {
		switch {
		case w.faults(have, definitions[w.name]) != nil, !recorded[w.name] && !w.dictionary: //mutant:views-applied-once,hands-not-undone
			out[w.name] = outdated
		case !recorded[w.name]:
			out[w.name] = unrecorded
		}
		if out[w.name] == outdated && w.dictionary && m.target.DictionaryUser == "" && account.MatchString(have[w.name].create) {
			return nil, fmt.Errorf("polo.%s has changed, and the account that it reads with is not set: set it, or the dictionary would lose it", w.name)
		}
	}
	return out, nil
}

// replace applies a view, or only records it.
func (m *Migrator) replace(ctx context.Context, view migration, s staleness) error {
	if s == outdated {
		for i, sql := range view.sql {
			if err := m.exec(ctx, view, i, sql); err != nil {
				return err
			}
		}
	}
	return m.record(ctx, view, 0)
}
