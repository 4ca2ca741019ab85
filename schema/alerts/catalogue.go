package alerts

import (
	"bytes"
	"encoding/json"

	"polo/schema/queries"
)

// fileAlert is an alert as programs in other languages read it.
type fileAlert struct {
	ID         string           `json:"id"`
	Title      string           `json:"title"`
	Severity   string           `json:"severity"`
	Text       string           `json:"text"`
	Runbook    string           `json:"runbook"`
	For        int              `json:"for"`
	KeepFiring int              `json:"keep_firing"`
	GroupBy    []string         `json:"group_by"`
	Repeat     int              `json:"repeat"` // seconds
	Route      string           `json:"route,omitempty"`
	NoData     bool             `json:"no_data"`
	Params     []fileParam      `json:"params"`
	Labels     []queries.Column `json:"labels"`
	Values     []queries.Column `json:"values"`
	SQL        string           `json:"sql"`
	Data       string           `json:"data,omitempty"`
}

// fileParam is a parameter for people to read: Bounds says which values it takes.
type fileParam struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Default string `json:"default,omitempty"`
	Bounds  string `json:"bounds"`
	Text    string `json:"text"`
}

// Catalogue returns every alert as JSON, one a line, for programs that show them.
func Catalogue() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("[")
	for i, a := range All() {
		f := fileAlert{
			ID: a.ID, Title: a.Title, Severity: a.Severity, Text: a.Text, Runbook: a.Runbook, For: a.For, KeepFiring: a.KeepFiring, GroupBy: a.GroupBy,
			Repeat: int(a.Repeat.Seconds()), Route: a.Route, NoData: a.NoData, Params: []fileParam{}, Labels: a.Labels, Values: a.Values, SQL: a.SQL, Data: a.Data,
		}
		for _, p := range a.Params {
			f.Params = append(f.Params, fileParam{Name: p.Name, Type: p.Type, Default: p.Default, Bounds: p.Bounds(), Text: p.Text})
		}
		var line bytes.Buffer
		enc := json.NewEncoder(&line)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(f); err != nil {
			return nil, err
		}
		out.WriteString(map[bool]string{true: ",\n", false: "\n"}[i > 0])
		out.Write(bytes.TrimRight(line.Bytes(), "\n"))
	}
	out.WriteString("\n]\n")
	return out.Bytes(), nil
}
