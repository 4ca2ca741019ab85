package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// wanted is the required definition of a table, view or dictionary.
type wanted struct {
	name      string
	engine    string // with its version column: "ReplacingMergeTree(version)"
	partition string
	order     string
	window    bool   // a retried insert must be recognised
	over      string // of a Distributed table: its table and sharding key
	// query is what a view selects, or the statement that creates a dictionary. to is the table
	// that a materialised view fills.
	query      string
	to         string
	dictionary bool
}

var (
	createTable       = regexp.MustCompile(`(?s)^CREATE TABLE IF NOT EXISTS polo\.(\w+).*?\nENGINE = (?:Replicated)?(\w*MergeTree)\((?:'[^']*', '[^']*'(?:, )?)?(\w*)\)(?:\nPARTITION BY ([^\n]+))?\nORDER BY ([^\n]+?)(?:\nTTL [^\n]+?)?(\nSETTINGS [^\n]*)?$`)
	createDistributed = regexp.MustCompile(`(?s)^CREATE TABLE IF NOT EXISTS polo\.(\w+).*?\nENGINE = Distributed\('{cluster}', ('polo', '\w+'(?:, [^\n]+)?)\)$`)
	createFilling     = regexp.MustCompile(`(?s)^CREATE MATERIALIZED VIEW IF NOT EXISTS polo\.(\w+).*? TO polo\.(\w+).*?\nAS (SELECT.*?)(?:\nCOMMENT '[^']*')?$`)
	createView        = regexp.MustCompile(`(?s)^CREATE OR REPLACE VIEW polo\.(\w+).*?\nAS ((?:WITH|SELECT).*?)\nCOMMENT '`)
	createDictionary  = regexp.MustCompile(`(?s)^CREATE OR REPLACE (DICTIONARY polo\.(\w+))(?: ON CLUSTER '{cluster}')?(.*)$`)
	drop              = regexp.MustCompile(`^DROP (?:TABLE|VIEW) IF EXISTS polo\.(\w+)`)
	comments          = regexp.MustCompile(`(?m)^--.*\n`)
)

// wantedOf derives the required definitions from the migrations, so that a new table needs no other
// declaration. For each name it takes the last definition that was not dropped.
func wantedOf(statements []Statement) []wanted {
	var out []wanted
	forget := func(name string) {
		out = slices.DeleteFunc(out, func(w wanted) bool { return w.name == name })
	}
	for _, s := range statements {
		sql := strings.TrimSpace(comments.ReplaceAllString(s.SQL, ""))
		if m := drop.FindStringSubmatch(sql); m != nil {
			forget(m[1])
		}
		if w, ok := wantedBy(sql); ok {
			forget(w.name)
			out = append(out, w)
		}
	}
	return out
}

// wantedBy returns what a statement creates; ok is false if it creates nothing.
func wantedBy(sql string) (_ wanted, ok bool) {
	if m := createTable.FindStringSubmatch(sql); m != nil {
		return wanted{
			name: m[1], engine: m[2] + "(" + m[3] + ")", partition: m[4], order: strings.Trim(m[5], "()"),
			window: strings.Contains(m[6], "non_replicated_deduplication_window"),
		}, true
	}
	if m := createDistributed.FindStringSubmatch(sql); m != nil {
		return wanted{name: m[1], over: m[2]}, true
	}
	if m := createFilling.FindStringSubmatch(sql); m != nil {
		return wanted{name: m[1], to: m[2], query: m[3]}, true
	}
	if m := createView.FindStringSubmatch(sql); m != nil {
		return wanted{name: m[1], query: m[2]}, true
	}
	if m := createDictionary.FindStringSubmatch(sql); m != nil {
		return wanted{name: m[2], query: "CREATE " + m[1] + m[3], dictionary: true}, true
	}
	return wanted{}, false
}

const remake = "make it anew by the migrations and copy the rows (polo schema render prints them)"

// faults compares w with the database. definition is w.query in the server's format.
func (w wanted) faults(have map[string]found, definition string) []Fault {
	f, ok := have[w.name]
	if !ok {
		return []Fault{{"polo." + w.name, "it is missing, or this account cannot see it", "run polo schema up"}}
	}
	var out []Fault
	fault := func(problem, remedy string, args ...any) {
		out = append(out, Fault{"polo." + w.name, fmt.Sprintf(problem, args...), remedy})
	}
	switch {
	case w.to != "" && (f.engine != "MaterializedView" || !strings.Contains(f.create, " TO polo."+w.to+" ")):
		fault("it does not fill polo.%s, whose rows would be lost", "drop it and run polo schema up", w.to)
		return out
	case w.query != "" && !w.same(f, definition): //mutant:definitions-not-compared
		fault("its definition is not that of schema/views/%s.sql: it would give other answers", "run polo schema up", w.name)
		return out
	case w.query != "":
		return out
	}
	if w.over != "" {
		if f.engine != "Distributed" || !strings.Contains(f.full, ", "+w.over+")") {
			fault("it is not a Distributed table over %s: statements of one event would not meet on one shard", "drop it and run polo schema up: it holds no rows", w.over)
		}
		return out
	}
	// Other deployments' engines have a prefix, and a path and a replica before the version.
	engine, version, _ := strings.Cut(strings.TrimSuffix(w.engine, ")"), "(")
	if !strings.HasSuffix(f.engine, engine) || version != "" && !regexp.MustCompile(`^\w+\((?:'[^']*', '[^']*', )?`+version+`\)`).MatchString(f.full) {
		fault("its engine is not %s: redelivered events would count twice", remake, w.engine)
	}
	if f.order != w.order {
		fault("it is ordered by (%s) and not by (%s): statements of one event would not meet", remake, f.order, w.order)
	}
	if f.partition != w.partition {
		fault("it is partitioned by %q and not by %q: statements of one event would not meet", remake, f.partition, w.partition)
	}
	if w.window && !regexp.MustCompile(`non_replicated_deduplication_window = [1-9]`).MatchString(f.full) {
		fault("a retried insert would not be recognised", "ALTER TABLE polo."+w.name+" MODIFY SETTING non_replicated_deduplication_window = 10000")
	}
	return out
}
