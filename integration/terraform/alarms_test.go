package terraform_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

type alarm struct {
	Name        string `json:"alarm_name"`
	Description string `json:"alarm_description"`
	Namespace   string
	Metric      string `json:"metric_name"`
	Dimensions  map[string]string
	Queries     []struct {
		ID         string
		Expression string
		Metric     []struct {
			Namespace  string
			Metric     string `json:"metric_name"`
			Dimensions map[string]string
		}
	} `json:"metric_query"`
	Missing string `json:"treat_missing_data"`
}

// silence checks how the alarm treats a period without data of one of Polo's own metrics,
// which are written only when they are not zero. Without the right setting CloudWatch
// would use an earlier period, unless the alarm is about missing data.
func (a alarm) silence() string {
	if a.Missing == "breaching" {
		return ""
	}
	if a.Namespace == "Polo" {
		return "it uses " + a.Metric + " as it is, which is not written when it is zero"
	}
	all := ""
	for _, q := range a.Queries {
		all += q.Expression
	}
	for _, q := range a.Queries {
		if len(q.Metric) > 0 && !strings.Contains(all, "FILL("+q.ID+", ") {
			return "it does not fill in " + q.ID + ", which is not written when it is zero"
		}
	}
	return ""
}

// metrics returns Polo's own metrics that an alarm uses, and whether each is a
// collector's.
func (a alarm) metrics() map[string]bool {
	out := map[string]bool{}
	add := func(namespace, metric string, dimensions map[string]string) {
		if namespace == "Polo" {
			out[metric] = dimensions["Source"] != ""
		}
	}
	add(a.Namespace, a.Metric, a.Dimensions)
	for _, q := range a.Queries {
		for _, m := range q.Metric {
			add(m.Namespace, m.Metric, m.Dimensions)
		}
		if m := selected.FindStringSubmatch(q.Expression); m != nil {
			out[m[1]] = strings.Contains(m[2], "Source")
		}
	}
	return out
}

var (
	selected = regexp.MustCompile(`SELECT \w+\((\w+)\) FROM SCHEMA\("Polo", ([\w, ]+)\)`)
	// metricName matches names of metrics where functions write them.
	metricName = regexp.MustCompile(`(?:count\(|Name: )"([A-Z]\w+)"`)
)

// checkMetrics checks that the functions write every metric that alarms and the dashboard use,
// with the same dimensions.
func checkMetrics(t *testing.T, made []stateResource) {
	names := func(file string) map[string]bool {
		out := map[string]bool{}
		for _, m := range metricName.FindAllStringSubmatch(read(t, filepath.Join(root, file)), -1) {
			out[m[1]] = true
		}
		if len(out) < 3 {
			t.Fatalf("%s writes no metrics: this test does not parse it correctly", file)
		}
		return out
	}
	ofSources := names("producers/collect/lambda.go")
	maps.Copy(ofSources, names("producers/github/webhooks/lambda/handler.go"))
	tells := map[bool]map[string]bool{true: ofSources, false: names("consumer/lambda/handler.go")}
	maps.Copy(tells[false], names("alerts/lambda/handler.go"))
	for _, a := range as[alarm](t, made, "aws_cloudwatch_metric_alarm") {
		for metric, ofCollector := range a.metrics() {
			if !tells[ofCollector][metric] {
				t.Errorf("%s uses %s, which nothing writes", a.Name, metric)
			}
		}
	}
	for _, d := range as[struct {
		Body string `json:"dashboard_body"`
	}](t, made, "aws_cloudwatch_dashboard") {
		shown := 0
		for _, m := range regexp.MustCompile(`\["Polo","(\w+)","Env"|\{Polo,Env,(Source|Reason)\} [^}]*MetricName=\\"(\w+)`).FindAllStringSubmatch(d.Body, -1) {
			shown++
			if metric := m[1] + m[3]; !tells[m[2] == "Source"][metric] {
				t.Errorf("the dashboard shows %s, which nothing writes", metric)
			}
		}
		if shown < 15 {
			t.Errorf("the dashboard shows %d metrics: this test does not parse it correctly", shown)
		}
	}
}

var (
	heading  = regexp.MustCompile(`(?m)^(#{2,4}) (.+)$`)
	notInURL = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// anchors returns the headings of a Markdown page, in the form of links, with the level of
// each.
func anchors(page string) map[string]int {
	out := map[string]int{}
	for _, m := range heading.FindAllStringSubmatch(page, -1) {
		out[strings.ReplaceAll(notInURL.ReplaceAllString(strings.ToLower(m[2]), ""), " ", "-")] = len(m[1])
	}
	return out
}

// alarms checks that each alarm links to a heading of the runbook, and that each entry of
// the runbook's Alarms part has an alarm.
func alarms(t *testing.T, made []stateResource) {
	all := as[alarm](t, made, "aws_cloudwatch_metric_alarm")
	page := read(t, runbook)
	there := anchors(page)
	led := map[string]bool{}
	reasons := map[string]bool{}
	for _, a := range all {
		_, anchor, _ := strings.Cut(a.Description, "/docs/RUNBOOK.md#")
		led[anchor] = true
		if there[anchor] == 0 {
			t.Errorf("%s leads to #%s, which docs/RUNBOOK.md does not have", a.Name, anchor)
		}
		if means, _, _ := strings.Cut(a.Description, " https://"); len(means) < 30 || strings.Contains(means, "\n") {
			t.Errorf("%s does not say in a line what is wrong: %q", a.Name, means)
		}
		for _, q := range a.Queries {
			for _, m := range q.Metric {
				if reason := m.Dimensions["Reason"]; reason != "" {
					reasons[reason] = true
				}
			}
		}
		if problem := a.silence(); problem != "" {
			t.Errorf("%s: %s", a.Name, problem)
		}
	}
	_, part, found := strings.Cut(page, "\n## Alarms\n")
	if !found {
		t.Fatal("docs/RUNBOOK.md has no part \"Alarms\"")
	}
	if end := regexp.MustCompile(`(?m)^## `).FindStringIndex(part); end != nil {
		part = part[:end[0]]
	}
	for anchor, level := range anchors(part) {
		if level == 3 && !led[anchor] {
			t.Errorf("no alarm leads to #%s of docs/RUNBOOK.md", anchor)
		}
	}
	// The runbook's table names each kind of alarm.
	for _, a := range all {
		name := strings.TrimPrefix(a.Name, "prod-polo-")
		for _, kind := range []string{"failures-", "no-events-", "collector-errors-", "gaps-", "paid-requests-"} {
			if strings.HasPrefix(name, kind) {
				name = kind
			}
		}
		if !strings.Contains(part, "| `"+name) {
			t.Errorf("the table of alarms in docs/RUNBOOK.md does not name %s", name)
		}
	}
	given := reasonsOfTheConsumer(t)
	for _, reason := range slices.Sorted(maps.Keys(given)) {
		if !reasons[reason] {
			t.Errorf("no alarm counts what the consumer gives up as %s", reason)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		if !given[reason] {
			t.Errorf("an alarm counts %s, for which the consumer gives nothing up", reason)
		}
	}
}

// reasonsOfTheConsumer returns the reasons of the letters that the consumer's code sends.
func reasonsOfTheConsumer(t *testing.T) map[string]bool {
	t.Helper()
	values := map[string]string{}
	parse := func(path string) *ast.File {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	ast.Inspect(parse(filepath.Join(root, "internal/queue/failure.go")), func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(v.Names[0].Name, "Reason") && len(v.Values) == 1 {
			if text, ok := v.Values[0].(*ast.BasicLit); ok {
				values[v.Names[0].Name] = strings.Trim(text.Value, `"`)
			}
		}
		return true
	})
	out := map[string]bool{}
	paths, err := filepath.Glob(filepath.Join(root, "consumer/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		ast.Inspect(parse(path), func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && values[s.Sel.Name] != "" {
				out[values[s.Sel.Name]] = true
			}
			return true
		})
	}
	if len(out) == 0 {
		t.Fatal("the consumer gives nothing up: this test does not parse its code correctly")
	}
	return out
}
