package cloudtrail_test

import (
	"fmt"
	"strings"
	"testing"

	"polo/producers/cloudtrail"
	"polo/producers/tree/treetest"
)

// TestNoRecordIsLostToDamageElsewhere: every record of a damaged file becomes an event, or a
// failure has its bytes.
func TestNoRecordIsLostToDamageElsewhere(t *testing.T) {
	t.Parallel()
	const many = 3000
	record := func(i int) string {
		return call{source: "ec2", name: "StopInstances", request: fmt.Sprintf(`{"instancesSet":{"items":[{"instanceId":"i-%017x"}]}}`, i)}.json()
	}
	var records, entries []string
	for i := range many {
		r := record(i)
		records = append(records, r)
		entries = append(entries, fmt.Sprintf(`{"EventId":"e-%d","EventName":"StopInstances","CloudTrailEvent":%q}`, i, r))
	}
	file := `{"Records":[` + strings.Join(records, ",") + `]}`
	broken := append([]string{strings.Replace(entries[0], `"EventName":`, `"EventName"}`, 1)}, entries[1:]...)
	for name, f := range map[string]struct{ file, text string }{
		"a bracket between records":                         {"x.json", strings.Replace(file, "},{", "}]{", 1)},
		"two lists joined":                                  {"x.json", strings.Replace(file, "},{", "}],{", 1)},
		"another name for the list":                         {"x.json", strings.Replace(file, "Records", "records", 1)},
		"the first byte":                                    {"x.json", "k" + file[1:]},
		"the first byte, and a name that does not say JSON": {"x.log", "k" + file[1:]},
		"the first entry of a LookupEvents page":            {"x.json", `{"Events":[` + strings.Join(broken, ",") + `]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c recorder
			dir := treetest.Folder(t, map[string]string{f.file: f.text})
			files := cloudtrail.Files{Input: dir, Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{}), ObservedAt: observed}
			if _, err := files.Collect(t.Context(), &c); err != nil {
				t.Fatal(err)
			}
			var kept strings.Builder
			for _, e := range c.Events {
				kept.WriteString(e.Properties.Get("request_parameters") + "\n")
			}
			for _, f := range c.Failures {
				kept.Write(f.Body)
			}
			text, lost := kept.String(), 0
			for i := range many {
				if !strings.Contains(text, fmt.Sprintf("i-%017x", i)) {
					lost++
				}
			}
			if lost > 0 {
				t.Errorf("%d of %d records are neither events nor in a failure", lost, many)
			}
			if c.activities() < many-2 {
				t.Errorf("only %d of %d records came in", c.activities(), many)
			}
		})
	}
}

// TestRecordThatQuotesAnother: in an undamaged file, text in a record that looks like a record is
// not one.
func TestRecordThatQuotesAnother(t *testing.T) {
	t.Parallel()
	quoted := call{source: "iam", name: "CreateUser", request: `{"userName":"mallory"}`}.json()
	outer := call{source: "ssm", name: "SendCommand", request: `{"note":` + quoted + `}`}.json()
	plain := call{source: "ec2", name: "StopInstances", request: `{}`}.json()
	var c recorder
	dir := treetest.Folder(t, map[string]string{"x.json": `{"Records":[` + plain + "," + outer + `]}`})
	files := cloudtrail.Files{Input: dir, Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{}), ObservedAt: observed}
	if _, err := files.Collect(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Failures) != 0 || c.activities() != 2 {
		t.Errorf("%d activities, failures %v", c.activities(), problems(c.Failures))
	}
	for _, e := range c.Events {
		if e.Properties.Get("event_name") == "CreateUser" {
			t.Error("what was quoted became an event")
		}
	}
}
