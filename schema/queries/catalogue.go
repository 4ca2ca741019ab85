package queries

import (
	"bytes"
)

// The catalogue as programs in other languages read it: what Query and Param hold, the texts of choices and the
// bounds of periods too.
type (
	fileQuery struct {
		Name    string       `json:"name"`
		Title   string       `json:"title"`
		Group   string       `json:"group"`
		Text    string       `json:"text"`
		Params  []fileParam  `json:"params"`
		Columns []Column     `json:"columns"`
		Rows    int          `json:"rows"`
		MaxRows int          `json:"max_rows"`
		Cache   int          `json:"cache"` // seconds
		Periods []filePeriod `json:"periods,omitempty"`
		SQL     string       `json:"sql"`
	}
	fileParam struct {
		Name     string       `json:"name"`
		Type     string       `json:"type"`
		Default  string       `json:"default,omitempty"`
		Required bool         `json:"required,omitempty"`
		Min      string       `json:"min,omitempty"`
		Max      string       `json:"max,omitempty"`
		Items    int          `json:"items,omitempty"`
		In       []string     `json:"in,omitempty"`
		Pattern  string       `json:"pattern,omitempty"`
		Text     string       `json:"text"`
		Choices  []fileChoice `json:"choices,omitempty"` // one for each of In
	}
	fileChoice struct {
		SQL   string `json:"sql"`
		Label string `json:"label"`
	}
	filePeriod struct {
		From  string `json:"from"`
		Until string `json:"until"`
		Days  int    `json:"days"`
	}
)

// Catalogue returns every query as JSON, one a line, for programs that bind the parameters themselves as Bind does.
func Catalogue() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("[")
	for i, q := range All() {
		f := fileQuery{
			Name: q.Name, Title: q.Title, Group: q.Group, Text: q.Text, Columns: q.Columns,
			Rows: q.Rows, MaxRows: q.MaxRows, Cache: int(q.Cache.Seconds()), SQL: q.SQL,
		}
		for _, p := range q.Params {
			param := fileParam{
				Name: p.Name, Type: p.Type, Default: p.Default, Required: p.Required, Min: p.Min, Max: p.Max, Items: p.Items,
				In: p.In, Pattern: p.Pattern, Text: p.Text,
			}
			for _, c := range p.choices {
				param.Choices = append(param.Choices, fileChoice{c.sql, c.label})
			}
			f.Params = append(f.Params, param)
		}
		for _, p := range q.periods {
			f.Periods = append(f.Periods, filePeriod{p.from, p.until, p.days})
		}
		text, err := encode(f)
		if err != nil {
			return nil, err
		}
		out.WriteString(map[bool]string{true: ",\n", false: "\n"}[i > 0])
		out.Write(text)
	}
	out.WriteString("\n]\n")
	return out.Bytes(), nil
}
