package integration_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/internal/queue"
	"polo/producers"
	"polo/producers/collect"
	"polo/producers/registry"
)

// The organisation of TestAccounts.
const (
	teams   = 20 // one of them suspended; the management account is the twentieth
	perPart = 2  // instances in each account and region
)

// TestAccounts collects from 20 accounts in 4 regions, end to end. The first run reads
// everything. During the second, one account's role may not be assumed, one account is
// throttled throughout and one region is down: it reads the rest, names the gaps, and
// nothing vanishes. The third reads everything again. At last it measures the gain of
// reading several scopes at once.
func TestAccounts(t *testing.T) {
	if os.Getenv("POLO_FAULTS") == "" {
		t.Skip("POLO_FAULTS is not set: this test reads 20 accounts of moto's four times over, which takes minutes")
	}
	// AWS's public images are not collected: keep moto from creating them for each
	// account.
	t.Setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
	regions := []string{"us-east-1", "us-west-2", "eu-west-1", "eu-central-1"}
	began := time.Now()
	c := startCloud(t)
	b := embedded(t)
	o := makeOrganisation(t, c, teams)
	volumes := o.createResources(t, regions)
	t.Logf("%d accounts and %d regions are furnished after %v", len(o.accounts), len(regions), time.Since(began).Round(time.Second))
	at := time.Date(2026, 5, 6, 7, 0, 0, 0, time.UTC)

	described := b.collect(t, c, "aws.organizations", regions, at)
	if len(described.Gaps) > 0 || described.Counts.Requests < teams {
		t.Errorf("describing the accounts: %+v", described)
	}
	b.wantAccounts(t, o)

	first := b.collect(t, c, "aws.ec2", regions, at)
	t.Logf("first run: %d scopes, %d events, %d requests, %.1f s", first.Scopes, first.Events, first.Counts.Requests, first.Seconds)
	if len(o.accounts) != 20 || first.Scopes != 80 || first.Read != 80 || len(first.Gaps) > 0 {
		t.Errorf("first run of %d accounts: %+v", len(o.accounts), first)
	}
	b.wantPresent(t, "after the first run", o, regions, func(string, string) bool { return true })

	// A volume deleted now counts as gone only where the second run could look.
	o.remove(t, regions, volumes)
	c.forget("DescribeVolumes")
	f := faults{denied: o.accounts[3], throttled: o.accounts[7], down: "eu-central-1"}
	blind := func(account, region string) bool {
		return account == f.denied || account == f.throttled || region == f.down
	}
	c.set(f)
	second := b.collect(t, c, "aws.ec2", regions, at.Add(time.Hour))
	c.set(faults{})
	t.Logf("with faults: %d scopes, %d read, %d gaps, %d throttles, %d retries, %d requests, %.1f s",
		second.Scopes, second.Read, len(second.Gaps), second.Counts.Throttles, second.Counts.Retries, second.Counts.Requests, second.Seconds)
	wantGaps(t, second, o, regions, f)
	b.wantPresent(t, "after the run with faults", o, regions, blind)
	if got, want := b.count(t, "SELECT uniqExact(account_id, region, error_code, state) FROM scans WHERE event_type = 'scan.incomplete'"), int64(len(gapScopes(second))); got != want {
		t.Errorf("%d scopes with gaps in ClickHouse, %d in the summary", got, want)
	}

	third := b.collect(t, c, "aws.ec2", regions, at.Add(2*time.Hour))
	if third.Read != 80 || len(third.Gaps) > 0 {
		t.Errorf("third run: %+v", third)
	}
	b.wantPresent(t, "after the third run", o, regions, func(string, string) bool { return false })
	b.wantDeadLetters(t, map[queue.Reason]int{})

	testSeveralAtOnce(t, c, at)
}

// testSeveralAtOnce compares a run scope by scope with the usual one, with a latency of
// 50 ms. It uses cached answers, so that moto's one process is not what is measured.
func testSeveralAtOnce(t *testing.T, c *cloud, at time.Time) {
	timed := func(workers int) producers.Summary {
		r := runner(t, c, "aws.ec2", []string{"us-east-1"}, nowhere{}, nowhere{})
		r.Settings.Workers = workers
		s, err := r.Run(t.Context(), collect.Request{Scheduled: at})
		if err != nil || s.Read != 20 {
			t.Fatalf("%+v, %v", s, err)
		}
		return s
	}
	c.set(faults{latency: 50 * time.Millisecond})
	alone, several := timed(1), timed(0)
	ratio := alone.Seconds / several.Seconds
	t.Logf("20 accounts, %d requests 50 ms away each: one at a time %.1f s, 16 at once %.1f s: %.1f times faster",
		alone.Counts.Requests, alone.Seconds, several.Seconds, ratio)
	if ratio < 3 {
		t.Errorf("reading several at once is %.1f times faster, want at least 3", ratio)
	}
}

// runner returns a source's runner over the organisation.
func runner(t *testing.T, c *cloud, source string, regions []string, to, dlq queue.Sender) *collect.Runner {
	t.Helper()
	src, err := registry.Find(source)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"POLO_ENV": "prod", "POLO_EXTERNAL_ID": externalID, "POLO_ORGANIZATION": "true", "POLO_REGIONS": strings.Join(regions, ","),
		"POLO_ACCOUNT_ROLES": management + "=payer",
	}
	settings, err := collect.ReadSettings(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	// On a busy machine moto is slow, not dead.
	settings.Endpoint, settings.Timeouts = c.URL, patient()
	return &collect.Runner{
		Source: src, Settings: settings, AWS: callerConfig(), Queue: to, DeadLetter: dlq, Logger: slog.New(slog.DiscardHandler),
	}
}

// collect runs a source to its end and drains what it published.
func (b *backend) collect(t *testing.T, c *cloud, source string, regions []string, at time.Time) producers.Summary {
	t.Helper()
	s, err := runner(t, c, source, regions, b.queue, b.dlq).Run(t.Context(), collect.Request{Scheduled: at})
	if err != nil {
		t.Fatal(err)
	}
	b.drain(t, largeBatch, nil)
	return s
}

// wantPresent checks that every instance is present, and a volume where still says so.
func (b *backend) wantPresent(t *testing.T, when string, o *organisation, regions []string, still func(account, region string) bool) {
	t.Helper()
	want := map[string]string{}
	for _, account := range o.accounts {
		for _, region := range regions {
			volumes := 0
			if still(account, region) {
				volumes = 1
			}
			want[account+" "+region] = fmt.Sprintf("%d instances, %d volumes", perPart, volumes)
		}
	}
	rows, err := b.connect(t, b.users.Reader).Query(t.Context(), `SELECT account_id, region, countIf(resource_type = 'ec2:instance'),
		countIf(resource_type = 'ec2:volume' AND state = 'available') FROM resources_current WHERE source = 'aws.ec2' GROUP BY account_id, region`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	got := map[string]string{}
	for rows.Next() {
		var account, region string
		var instances, volumes uint64
		if err := rows.Scan(&account, &region, &instances, &volumes); err != nil {
			t.Fatal(err)
		}
		got[account+" "+region] = fmt.Sprintf("%d instances, %d volumes", instances, volumes)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s, what is there (-want +got):\n%s", when, diff)
	}
}

// wantAccounts checks that each account is described, the suspended one too.
func (b *backend) wantAccounts(t *testing.T, o *organisation) {
	t.Helper()
	for query, want := range map[string]int64{
		"SELECT count() FROM accounts":                             int64(len(o.accounts)) + 1,
		"SELECT count() FROM accounts WHERE state = 'ACTIVE'":      int64(len(o.accounts)),
		"SELECT count() FROM accounts WHERE state = 'SUSPENDED'":   1,
		"SELECT count() FROM accounts WHERE role = 'production'":   teams,
		"SELECT count() FROM accounts WHERE role = 'payer'":        1,
		"SELECT uniqExact(customer) FROM accounts":                 teams + 1,
		"SELECT count() FROM accounts WHERE name LIKE 'team-%'":    teams,
		"SELECT count() FROM accounts WHERE email LIKE 'team-%@%'": teams,
		// The suspended one was closed where it was created, below the root.
		"SELECT count() FROM accounts WHERE ou_path = 'Workloads/Production'":                                       teams - 1,
		"SELECT count() FROM resource_events WHERE event_type = 'account.described' AND length(ancestors) = 4":      teams - 1,
		"SELECT count() FROM scans WHERE event_type = 'scan.completed' AND resource_type = 'organizations:account'": 1,
	} {
		if got := b.count(t, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}

// gapScopes returns the accounts and regions with gaps, each with its reasons and codes.
func gapScopes(s producers.Summary) map[string]string {
	why := map[string][]string{}
	for _, g := range s.Gaps {
		of := g.AccountID + " " + g.Region
		if reason := string(g.Reason) + " " + g.Code; !slices.Contains(why[of], reason) {
			why[of] = append(why[of], reason)
		}
	}
	out := map[string]string{}
	for of, reasons := range why {
		slices.Sort(reasons)
		out[of] = strings.Join(reasons, ", ")
	}
	return out
}

// wantGaps checks that exactly the scopes that the faults affect have gaps, each with its
// reason, and that the rest is complete.
func wantGaps(t *testing.T, s producers.Summary, o *organisation, regions []string, f faults) {
	t.Helper()
	want := map[string]string{}
	for _, account := range o.accounts {
		for _, region := range regions {
			switch {
			case account == f.denied:
				want[account+" "+region] = "denied AccessDenied"
			case region == f.down:
				want[account+" "+region] = "unreachable "
			case account == f.throttled:
				want[account+" "+region] = "throttled RequestLimitExceeded"
			}
		}
	}
	if diff := cmp.Diff(want, gapScopes(s)); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if s.Read != s.Scopes-len(want) || s.Unread != 0 {
		t.Errorf("%d of %d scopes read, %d not begun, with gaps in %d", s.Read, s.Scopes, s.Unread, len(want))
	}
	if s.Counts.Throttles == 0 || s.Counts.Retries == 0 {
		t.Errorf("throttles and retries were not counted: %+v", s.Counts)
	}
}

// nowhere is a queue that acknowledges and drops everything.
type nowhere struct{}

func (nowhere) Limits() queue.Limits {
	return queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: 1 << 20}
}

func (nowhere) SendBatch(context.Context, []queue.Outgoing) []error { return nil }
