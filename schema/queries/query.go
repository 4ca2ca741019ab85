package queries

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed *.sql include/*.sql
var files embed.FS

// Includes returns the files of include/, which another kind of file may use, too.
func Includes() fs.FS { return files }

// Groups are the groups of queries, in order.
func Groups() []string {
	return []string{"cost", "inventory", "activity", "health", "alerts", "lookup"}
}

// Query is a named query.
type Query struct {
	Name  string
	Title string
	// Group is one of Groups.
	Group string
	// Text says what it answers.
	Text   string
	Params []Param
	// Columns are those of the answer, in order.
	Columns []Column
	// Rows is how many rows an answer has unless the parameter limit says otherwise; MaxRows is
	// the most that it may say.
	Rows, MaxRows int
	// Cache is how long a client may keep an answer.
	Cache time.Duration
	// SQL is the statement, with {{name}} for each parameter with choices.
	SQL string

	periods []period
}

// Column is a column of an answer.
type Column struct {
	Name string `json:"name"`
	// Type is ClickHouse's, without LowCardinality.
	Type string `json:"type"`
	// Unit is empty for what has none. "currency" is money in the currency of the row.
	Unit string `json:"unit,omitempty"`
	Text string `json:"description"`
}

// period bounds two dates that enclose the days asked for.
type period struct {
	from, until string
	days        int
}

// All returns every query, by group and name.
func All() []Query { return slices.Clone(catalogue().all) }

// Named returns a query.
func Named(name string) (Query, error) {
	for _, q := range catalogue().all {
		if q.Name == name {
			return q, nil
		}
	}
	return Query{}, &UnknownError{Name: name, Near: near(name)}
}

// UnknownError means that there is no query of a name.
type UnknownError struct {
	Name string
	// Near are names that are spelt much like it.
	Near []string
}

func (e *UnknownError) Error() string {
	text := fmt.Sprintf("there is no query %q", e.Name)
	if len(e.Near) > 0 {
		text += ": do you mean " + strings.Join(e.Near, ", ") + "?"
	}
	return text
}

// near returns at most three names that a typing error could have made name of.
func near(name string) []string {
	var out []string
	by := map[string]int{}
	for _, q := range catalogue().all {
		if by[q.Name] = distance(q.Name, name); by[q.Name] <= len(q.Name)/3 {
			out = append(out, q.Name)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return by[a] - by[b] })
	return out[:min(len(out), 3)]
}

// distance is how many letters have to be put in, taken out or changed to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

type loaded struct{ all []Query }

// catalogue parses the embedded files. They are a part of the program: a fault in them is one of
// the program, which a test finds.
var catalogue = sync.OnceValue(func() loaded {
	all, err := Load(files)
	if err != nil {
		panic(err)
	}
	return loaded{all}
})

// Load parses the files of queries: *.sql, and include/*.sql. It reports every fault.
func Load(files fs.FS) ([]Query, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("listing the queries: %w", err)
	}
	var all []Query
	var faults faults
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading the queries: %w", err)
		}
		p := parser{files: files, query: Query{Name: strings.TrimSuffix(path.Base(name), ".sql")}, faults: faults.of(name)}
		p.parse(string(text))
		all = append(all, p.query)
	}
	slices.SortFunc(all, func(a, b Query) int {
		if byGroup := slices.Index(Groups(), a.Group) - slices.Index(Groups(), b.Group); byGroup != 0 {
			return byGroup
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all, faults.err()
}
