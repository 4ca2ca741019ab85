package rules_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"polo/envelope"
	"polo/internal/account"
	"polo/producers"
	"polo/producers/emittertest"
	"polo/producers/inventory"
	"polo/producers/inventory/document"
	"polo/schema/rules"
)

// answers are those of AWS in one account, by "service.Call"; a call without one has an empty answer.
type answers map[string]document.Object

// refusal is an error of AWS.
type refusal string

func (r refusal) Error() string     { return string(r) }
func (r refusal) ErrorCode() string { return string(r) }

func (a answers) Answers(call inventory.Operation, _ []document.Object) ([]document.Object, error) {
	answer := a[call.Service+"."+call.Name]
	if answer == nil {
		answer = a[strings.TrimPrefix(call.Service, "cloudwatch")+"."+call.Name] // logs
	}
	if e, ok := answer.Get("Error").(document.Object); ok {
		return nil, refusal(document.Text(e.Get("Code")))
	}
	return []document.Object{answer}, nil
}

// fixture is a case of a rule: AWS's answers in an account of its own.
type fixture struct {
	rule      rules.Rule
	account   string
	role      string
	answers   answers
	want      string
	events    []envelope.ResourceEvent
	completed []envelope.ResourceEvent
}

var relative = regexp.MustCompile(`(NOW|STOP)([+-]\d+)d`)

// fixtures reads the answers beside the rules.
func fixtures(t *testing.T, now time.Time) []*fixture {
	t.Helper()
	var out []*fixture
	for _, r := range rules.All() {
		if r.ID == "customer_over_budget" {
			continue // it judges no resource: TestBudget
		}
		data, err := os.ReadFile("testdata/" + r.ID + ".json")
		if err != nil {
			t.Errorf("%s has no answers that violate it, and none that do not: %v", r.ID, err)
			continue
		}
		var cases map[string][]json.RawMessage
		if err := json.Unmarshal(data, &cases); err != nil {
			t.Fatalf("%s: %v", r.ID, err)
		}
		for _, want := range []string{"violated", "clean"} {
			if len(cases[want]) == 0 {
				t.Errorf("%s has no case that is %s", r.ID, want)
			}
			for _, text := range cases[want] {
				out = append(out, newFixture(t, now, r, want, len(out), string(text)))
			}
		}
	}
	return out
}

func newFixture(t *testing.T, now time.Time, r rules.Rule, want string, n int, text string) *fixture {
	t.Helper()
	f := &fixture{rule: r, want: want, account: fmt.Sprintf("7%011d", n), answers: answers{}}
	text = strings.ReplaceAll(text, "ACCOUNT", f.account)
	for _, id := range []string{"snap-0a", "ami-0a"} { // their ARNs name no account
		text = strings.ReplaceAll(text, id, fmt.Sprintf("%s%d", id, n))
	}
	text = relative.ReplaceAllStringFunc(text, func(m string) string {
		parts := relative.FindStringSubmatch(m)
		days, _ := strconv.Atoi(parts[2])
		at := now.AddDate(0, 0, days)
		if parts[1] == "STOP" {
			return at.Format(time.DateTime)
		}
		return at.Format(time.RFC3339)
	})
	v, err := document.FromJSON([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", r.ID, err)
	}
	for _, m := range v.(document.Object) {
		if m.Name == "role" {
			f.role = document.Text(m.Value)
			continue
		}
		f.answers[m.Name] = m.Value.(document.Object)
	}
	return f
}

// player gives each collector the answers of the fixture that is collected.
type player struct{ answers }

// collect scans each fixture's account with the collectors of the rule's types.
func collect(t *testing.T, now time.Time, all []*fixture) {
	t.Helper()
	p := &player{}
	collectors, err := inventory.Replayers(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		p.answers = f.answers
		for _, c := range collectors {
			if !slices.ContainsFunc(slices.Concat(f.rule.Types, f.rule.Scans), func(typ string) bool { return "aws."+strings.Split(typ, ":")[0] == c.Source() }) {
				continue
			}
			var to emittertest.Recorder
			summary, err := producers.Run(t.Context(), producers.RunConfig{
				Collector: c, Accounts: []account.Account{{ID: f.account, Role: f.role}}, Regions: []string{"eu-west-1"}, Emitter: &to,
				Identity: producers.DefaultIdentity(), Scheduled: now,
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(summary.Gaps) > 0 || len(to.Failures) > 0 {
				t.Errorf("%s: gaps %v, failures %v", f.rule.ID, summary.Gaps, to.Failures)
			}
			for _, e := range to.Events {
				if e.EventType == envelope.TypeScanCompleted {
					f.completed = append(f.completed, e)
				} else {
					f.events = append(f.events, e)
				}
			}
		}
	}
}

// TestRules sends each rule's answers of AWS through the collectors into an engine. Those that violate
// a rule do, those that do not are clean; and without what the rule needs, it does not know.
func TestRules(t *testing.T) {
	t.Parallel()
	s := start(t)
	now := time.Now().UTC().Truncate(time.Hour)
	all := fixtures(t, now)
	collect(t, now, all)
	var events []envelope.ResourceEvent
	for _, f := range all {
		events = append(append(events, f.events...), f.completed...)
		events = append(events, f.blind(t)...)
	}
	s.insert(t, "fixtures", events)
	s.exec(t, "INSERT INTO rule_exemptions (rule, pattern, reason, author, expires) VALUES ('rds_public', '*:no-such-db', 'x', 'ada', '2099-01-01')")
	got := map[string]map[string]int{} // answers by rule and account
	began := time.Now()
	rows, err := s.reader.Query(t.Context(), "SELECT concat(rule, ' ', account_id), answer, count() FROM rule_findings GROUP BY 1, 2")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var key, answer string
		var n uint64
		if err := rows.Scan(&key, &answer, &n); err != nil {
			t.Fatal(err)
		}
		if got[key] == nil {
			got[key] = map[string]int{}
		}
		got[key][answer] = int(n) //nolint:gosec // a few
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	judged := time.Since(began)
	cases := 0
	for _, f := range all {
		cases++
		answers := got[f.rule.ID+" "+f.account]
		violated := 0
		if f.want == "violated" {
			violated = 1
		}
		if answers["violated"] != violated || answers["clean"]+answers["violated"] == 0 || answers["unknown"] > 0 {
			t.Errorf("%s: %v of answers that should be %s: %v", f.rule.ID, answers, f.want, f.answers)
		}
		if unseen := got[f.rule.ID+" "+f.blindAccount()]; f.needs() && f.want == "violated" && (unseen["violated"] > 0 || unseen["unknown"] == 0) {
			t.Errorf("%s: %v without what it needs", f.rule.ID, unseen)
		}
	}
	t.Logf("%d rules, %d cases, judged in %s", len(rules.All()), cases, judged)
	refused(t, s, now, all)
	history(t, s, now, all)
	byHand(t, s, now)
}

// needs reports whether the rule needs anything beside the resource.
func (f *fixture) needs() bool { return len(f.rule.Needs)+len(f.rule.Scans) > 0 }

func (f *fixture) blindAccount() string { return "8" + f.account[1:] }

// blind returns the events of a scan of a copy of the account that did not read what the rule needs.
func (f *fixture) blind(t *testing.T) []envelope.ResourceEvent {
	t.Helper()
	if !f.needs() || f.want != "violated" {
		return nil
	}
	var out []envelope.ResourceEvent
	for _, e := range f.events {
		e.ARN, e.AccountID = strings.ReplaceAll(e.ARN, f.account, f.blindAccount()), f.blindAccount()
		if !strings.Contains(e.ARN, f.blindAccount()) {
			e.ARN += "0"
		}
		e.EventID = envelope.NewEventID(e.Source, e.TS, "snapshot", e.ARN)
		e.Properties = slices.DeleteFunc(slices.Clone(e.Properties), func(p envelope.Pair) bool {
			return slices.ContainsFunc(f.rule.Needs, func(need rules.Property) bool { return need.Name == p.Key })
		})
		out = append(out, e)
	}
	return out
}
