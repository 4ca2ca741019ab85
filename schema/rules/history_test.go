package rules_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"polo/envelope"
)

// note does what one run of rule_answers_mv does on a server that has not just started.
func (s store) note(t *testing.T) {
	t.Helper()
	s.exec(t, "INSERT INTO rule_answers (* EXCEPT version) SELECT * FROM rule_changes")
}

// lines returns a query's rows, each as texts.
func (s store) lines(t *testing.T, sql string) []string {
	t.Helper()
	rows, err := s.reader.Query(t.Context(), "SELECT toString(*) FROM ("+sql+")")
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// equal compares a query's rows of one column.
func (s store) equal(t *testing.T, what, sql string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, s.lines(t, sql)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// caseOf returns the first case of a rule that violates it.
func caseOf(t *testing.T, all []*fixture, rule string) *fixture {
	t.Helper()
	for _, f := range all {
		if f.rule.ID == rule && f.want == "violated" {
			return f
		}
	}
	t.Fatalf("no case of %s", rule)
	return nil
}

// later returns an event of a later time, changed.
func later(e envelope.ResourceEvent, at time.Time, change func(*envelope.ResourceEvent)) envelope.ResourceEvent {
	e.TS, e.ObservedAt = at, at
	e.Properties = append(envelope.Pairs{}, e.Properties...)
	change(&e)
	e.EventID = envelope.NewEventID(e.Source, at, "snapshot", e.ARN)
	return e
}

const violation = `SELECT concat(rule, ' ', status, ' ', resolution, ' ', toString(reopened)) FROM rule_violations
WHERE rule = 'rds_public' AND account_id = '%s' OR rule = 'ebs_unattached' AND account_id = '%s' OR rule = 'redshift_public' AND account_id = '%s' ORDER BY rule`

// refused: an absence that a rule rests on is not believed once the scan of it was refused, until it is
// read to its end again.
func refused(t *testing.T, s store, now time.Time, all []*fixture) {
	t.Helper()
	f := caseOf(t, all, "sg_unused")
	scan := func(eventType, resourceType string, minutes int) {
		t.Helper()
		at := now.Add(time.Duration(minutes) * time.Minute)
		s.insert(t, uuid.NewString(), []envelope.ResourceEvent{{
			EventID: uuid.New(), EventType: eventType, Source: "aws.ec2", TS: at, ObservedAt: at, Platform: "aws", AccountID: f.account, Region: "eu-west-1", ResourceType: resourceType,
		}})
	}
	is := func(what, want string) {
		t.Helper()
		s.equal(t, what, "SELECT concat(answer, ' ', arrayStringConcat(missing)) FROM rule_findings WHERE rule = 'sg_unused' AND account_id = '"+f.account+"'", want)
	}
	is("read to the end", "violated ")
	scan(envelope.TypeScanIncomplete, "ec2:network-interface", 1)
	is("refused", "unknown ec2:network-interface")
	scan(envelope.TypeScanCompleted, "ec2:network-interface", 2)
	is("read again", "violated ")
	scan(envelope.TypeScanIncomplete, "", 3)
	is("all of the scope refused", "unknown ec2:network-interface")
	scan(envelope.TypeScanCompleted, "ec2:network-interface", 4)
	is("read once more", "violated ")
}

// history follows violations that are fixed, come back, are deleted, and are not known any more.
func history(t *testing.T, s store, now time.Time, all []*fixture) {
	t.Helper()
	open := s.lines(t, "SELECT count() FROM rule_findings WHERE answer = 'violated'")
	s.note(t)
	s.equal(t, "each violation is noted", "SELECT count() FROM rule_answers", open...)
	s.note(t)
	s.equal(t, "nothing has changed", "SELECT count() FROM rule_answers", open...)
	s.equal(t, "and is open", "SELECT count() FROM rule_violations WHERE status = 'open' AND first_seen = last_seen AND resolved_at IS NULL", open...)

	fixed, deleted, blinded := caseOf(t, all, "rds_public"), caseOf(t, all, "ebs_unattached"), caseOf(t, all, "redshift_public")
	turn := func(f *fixture, hour int, change func(*envelope.ResourceEvent)) {
		t.Helper()
		s.insert(t, uuid.NewString(), []envelope.ResourceEvent{later(f.events[0], now.Add(time.Duration(hour)*time.Hour), change)})
	}
	are := func(when string, want ...string) {
		t.Helper()
		s.equal(t, when, fmt.Sprintf(violation, fixed.account, deleted.account, blinded.account), want...)
	}
	private := func(e *envelope.ResourceEvent) { e.Properties.Set("publicly_accessible", "false") }
	turn(fixed, 1, private)
	turn(deleted, 1, func(e *envelope.ResourceEvent) { e.EventType = envelope.TypeResourceDeleted })
	turn(blinded, 1, func(e *envelope.ResourceEvent) { e.Properties = nil })
	for _, when := range []string{"at once", "once noted"} {
		are(when, "ebs_unattached resolved deleted 0", "rds_public resolved fixed 0", "redshift_public unknown  0")
		s.note(t)
	}
	turn(fixed, 2, func(*envelope.ResourceEvent) {})
	for _, when := range []string{"at once", "once noted"} {
		are("again, "+when, "ebs_unattached resolved deleted 0", "rds_public open  1", "redshift_public unknown  0")
		s.note(t)
	}
	turn(fixed, 3, private)
	s.note(t)
	// Another server noted the same a little later.
	s.exec(t, "INSERT INTO rule_answers (rule, arn, at, seen, answer, reason) SELECT rule, arn, at + INTERVAL 1 SECOND, seen, answer, reason FROM rule_answers WHERE rule = 'rds_public'")
	are("fixed again, and noted twice", "ebs_unattached resolved deleted 0", "rds_public resolved fixed 1", "redshift_public unknown  0")
}

// byHand exempts, sets parameters and budgets.
func byHand(t *testing.T, s store, now time.Time) {
	t.Helper()
	status := func(want string) {
		t.Helper()
		s.equal(t, "status", "SELECT DISTINCT concat(status, ' ', exempt_reason, ' ', exempt_author) FROM rule_violations WHERE rule = 'redshift_unencrypted'", want)
	}
	exempt := "INSERT INTO rule_exemptions (rule, pattern, reason, author, expires, revoked) VALUES ('redshift_unencrypted', '*:cluster:b*', 'being replaced', 'ada', '%s', %t)"
	status("open  ")
	s.exec(t, fmt.Sprintf(exempt, "2099-01-01", false))
	status("exempt being replaced ada")
	time.Sleep(2 * time.Millisecond)
	s.exec(t, fmt.Sprintf(exempt, "2099-01-01", true))
	status("open  ")
	time.Sleep(2 * time.Millisecond)
	s.exec(t, fmt.Sprintf(exempt, "2020-01-01", false))
	status("open  ")

	answers := "SELECT concat(answer, ' ', toString(count())) FROM rule_findings WHERE rule = 'ebs_old_generation' AND startsWith(account_id, '7') GROUP BY answer ORDER BY answer"
	before := s.lines(t, answers)
	s.exec(t, "INSERT INTO rule_settings (rule, parameter, value) VALUES ('ebs_old_generation', 'types', 'st1,sc1')")
	if after := s.lines(t, answers); len(before) != 2 || len(after) != 1 {
		t.Errorf("with other types that are old: %v, before %v", after, before)
	}
	time.Sleep(2 * time.Millisecond)
	s.exec(t, "INSERT INTO rule_settings (rule, parameter, value) VALUES ('ebs_old_generation', 'types', ''), ('efs_unencrypted', 'enabled', 'false')")
	s.equal(t, "as before", answers, before...)
	s.equal(t, "a rule that is off", "SELECT count() FROM rule_findings WHERE rule = 'efs_unencrypted'", "0")
	s.equal(t, "its violation", "SELECT DISTINCT concat(status, ' ', resolution) FROM rule_violations WHERE rule = 'efs_unencrypted'", "resolved withdrawn")

	s.exec(t, "INSERT INTO customer_metadata (customer, tags) VALUES ('acme', map('budget', '99.5')), ('globex', map('budget', '100.5', 'budget_currency', 'USD'))")
	var lines []envelope.ResourceEvent
	for i, customer := range []string{"acme", "globex"} {
		lines = append(lines, envelope.ResourceEvent{
			EventID: uuid.New(), EventType: envelope.TypeCostAccrued, Source: "aws.cur", TS: time.Now().UTC().Truncate(24 * time.Hour), ObservedAt: now.Add(time.Duration(i)),
			Platform: "aws", AccountID: "000000000001", Service: "ec2", MarqoCustomer: customer, CostAmount: decimal.NewNullDecimal(decimal.NewFromInt(100)), Currency: "USD",
		})
	}
	s.insert(t, "costs", lines)
	s.equal(t, "budgets", "SELECT concat(arn, ' ', answer, ' ', evidence['cost'], ' ', evidence['budget'], evidence['currency']) FROM rule_findings WHERE rule = 'customer_over_budget' ORDER BY arn",
		"customer:acme violated 100 99.5USD", "customer:globex clean 100 100.5USD")
}
