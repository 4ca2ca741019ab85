package queries

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Row is a row as a JSON object, in the order of the columns.
type Row struct {
	columns []Column
	cells   []any
}

// MarshalJSON implements json.Marshaler.
func (r Row) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, c := range r.columns {
		name, err := encode(c.Name)
		if err != nil {
			return nil, err
		}
		value, err := encode(r.cells[i])
		if err != nil {
			return nil, err
		}
		b.WriteByte("{,"[min(i, 1)])
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode is json.Marshal without its escapes for HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// Objects are the rows as JSON objects.
func (a Answer) Objects() []Row {
	out := make([]Row, len(a.Rows))
	for i, cells := range a.Rows {
		out[i] = Row{a.Query.Columns, cells}
	}
	return out
}

// Bounds describes for people which values a parameter takes.
func (p Param) Bounds() string {
	var out []string
	item := ""
	if p.Items > 0 {
		item = "each "
		out = append(out, "a list")
	}
	switch {
	case p.Required:
		out = append(out, "required")
	case p.Default != "":
		out = append(out, "default "+p.Default)
	default:
		out = append(out, "default empty")
	}
	unit := ""
	if p.scalar() == typeString {
		unit = " characters"
	}
	switch {
	case p.In != nil:
		out = append(out, item+"one of "+strings.Join(p.In, ", "))
	case p.Min != "" && p.Max != "":
		out = append(out, item+"from "+p.Min+" to "+p.Max+unit)
	case p.Max != "":
		out = append(out, item+"at most "+p.Max+unit)
	case p.Min != "":
		out = append(out, item+"at least "+p.Min+unit)
	}
	if p.Pattern != "" {
		out = append(out, item+"matching "+p.Pattern)
	}
	return strings.Join(out, "; ")
}

// Script is the SQL with the text of each choice above it; what is in [[ ]] stands if its parameters have values.
func (q Query) Script() string {
	var b strings.Builder
	for _, p := range q.Params {
		for i, c := range p.choices {
			b.WriteString("-- {{" + p.Name + "}} for " + p.In[i] + ": " + c.sql + "\n")
			if c.label != noLabel {
				b.WriteString("-- {{" + p.Name + ".label}} for " + p.In[i] + ": " + c.label + "\n")
			}
		}
	}
	return b.String() + q.SQL
}
