package alerts

import (
	"embed"
	"fmt"
	"slices"
	"sync"
	"time"

	"polo/schema/queries"
)

//go:embed *.sql
var files embed.FS

// Severities are the severities of alerts, the worst first.
func Severities() []string { return []string{"critical", "high", "medium", "low"} }

// The verdicts of a row. Unknown neither fires nor resolves: what the row rests on was not read to its end.
const (
	Wrong   = "wrong"
	Unknown = "unknown"
)

// Verdict is the name of an answer's last column.
const Verdict = "verdict"

// Alert is one alert.
type Alert struct {
	ID, Title string
	// Text says why it matters, for people.
	Text     string
	Severity string
	// Runbook is an anchor in docs/RUNBOOK.md.
	Runbook string
	// For is in how many evaluations in a row a thing is found before it fires, KeepFiring in how many
	// more after the first without it it is absent before it is resolved.
	For, KeepFiring int
	// GroupBy are labels: episodes that are equal in these are told in one message.
	GroupBy []string
	// Repeat is the time between reminders while it fires.
	Repeat time.Duration
	// Route is a hint that routes may match; it may be empty.
	Route string
	// NoData reports whether people are told that there was nothing to judge.
	NoData bool
	Params []queries.Param
	// Labels are the columns that identify what is wrong: texts. No two rows of an answer have equal ones.
	Labels []queries.Column
	// Values are the columns that say what was found.
	Values []queries.Column
	// Rows is how many rows an answer has unless the parameter limit says otherwise, MaxRows the most that it may say.
	Rows, MaxRows int
	// SQL returns the labels, the values and the verdict. Data is a SELECT of one Bool without parameters:
	// whether there is anything to judge; it may be empty.
	SQL, Data string
}

// All returns every alert, by id.
func All() []Alert { return slices.Clone(catalogue()) }

// Named returns an alert.
func Named(id string) (Alert, error) {
	for _, a := range catalogue() {
		if a.ID == id {
			return a, nil
		}
	}
	return Alert{}, fmt.Errorf("there is no alert %q", id)
}

// catalogue parses the embedded files. They are a part of the program: a fault in them is one of the
// program, which a test finds.
var catalogue = sync.OnceValue(func() []Alert {
	all, err := Load(files)
	if err != nil {
		panic(err)
	}
	return all
})

// Bind validates values of the parameters, by name, and fills in the defaults. now is the time of the
// evaluation, which relative times are relative to.
func (a Alert) Bind(values map[string]string, now time.Time) (queries.Bound, error) {
	q := queries.Query{
		Name: a.ID, Title: a.Title, Text: a.Text, Params: a.Params, Columns: a.Columns(), Rows: a.Rows, MaxRows: a.MaxRows, SQL: a.SQL,
	}
	return q.Bind(values, now)
}

// Columns are those of an answer, in order: the labels, the values, the verdict.
func (a Alert) Columns() []queries.Column {
	return slices.Concat(a.Labels, a.Values, []queries.Column{{Name: Verdict, Type: "String", Text: Wrong + " or " + Unknown}})
}
