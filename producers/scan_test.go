package producers_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers"
)

// Emit fills in what an event leaves empty, and keeps what it states.
func TestEmitFillsIn(t *testing.T) {
	t.Parallel()
	began := scheduled.Add(3 * time.Minute)
	var to recorder
	_, err := run(t, collectorFunc(func(ctx context.Context, s *producers.Scan) error {
		bare := snapshot(s, thing, "bare")
		bare.Tags = envelope.PairsOf(map[string]string{"team:customer": "acme"})
		said := snapshot(s, thing, "said")
		said.Source, said.AccountID, said.AccountRole, said.MarqoCustomer = "aws.other", "b", "its own", "globex"
		said.ObservedAt, said.Platform, said.Tags = scheduled, "github", bare.Tags
		foreign := snapshot(s, thing, "foreign")
		foreign.AccountID = "b"
		return s.Emit(ctx, bare, said, foreign)
	}), &to, func(c *producers.RunConfig) {
		c.Regions, c.Workers = []string{"r1"}, 1
		c.Identity = producers.Identity{Customer: []string{"team:customer"}}
		c.Now = func() time.Time { return began }
	})
	if err != nil {
		t.Fatal(err)
	}
	type filled struct {
		source, platform, account, role, customer string
		observed                                  time.Time
	}
	want := map[string]filled{
		"bare":    {fakeSource, "aws", "a", "role of a", "acme", began},
		"said":    {"aws.other", "github", "b", "its own", "globex", scheduled},
		"foreign": {fakeSource, "aws", "b", "role of b", "", began},
	}
	seen := 0
	for _, e := range to.Events {
		w, ok := want[e.ResourceID]
		if !ok || e.ARN != "arn:aws:fake:r1:a:thing/"+e.ResourceID {
			continue
		}
		seen++
		if got := (filled{e.Source, e.Platform, e.AccountID, e.AccountRole, e.MarqoCustomer, e.ObservedAt}); got != w {
			t.Errorf("%s: %+v, want %+v", e.ResourceID, got, w)
		}
	}
	if seen != len(want) {
		t.Errorf("%d of %d events", seen, len(want))
	}
}

// What ends at its account goes on to the units and the organisation of the account.
func TestEmitKnowsTheOrganisation(t *testing.T) {
	t.Parallel()
	const (
		root         = "arn:aws:iam::a:root"
		unit         = "arn:aws:organizations::m:ou/o-1/ou-1"
		organisation = "arn:aws:organizations::m:organization/o-1"
	)
	up := []string{"arn:aws:fake:r1:a:thing/parent", root, "arn:aws:iam::b:root"}
	var to recorder
	_, err := run(t, collectorFunc(func(ctx context.Context, s *producers.Scan) error {
		in, above, foreign := snapshot(s, thing, "in"), snapshot(s, thing, "above"), snapshot(s, thing, "foreign")
		in.Ancestors, above.Ancestors, foreign.Ancestors = up[:2], up[:1], up[2:]
		foreign.AccountID = "b"
		return s.Emit(ctx, in, above, foreign)
	}), &to, func(c *producers.RunConfig) {
		c.Regions = []string{"r1"}
		c.Accounts = accounts("a")
		c.Accounts[0].Units, c.Accounts[0].Organisation = []string{unit}, organisation
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"in": {up[0], root, unit, organisation}, "above": up[:1], "foreign": up[2:]}
	got := map[string][]string{}
	for _, e := range to.Events {
		if e.EventType == envelope.TypeSnapshot {
			got[e.ResourceID] = e.Ancestors
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("ancestors (-want +got):\n%s", d)
	}
	if up[2] != "arn:aws:iam::b:root" {
		t.Errorf("the collector's own list was written to: %v", up)
	}
}

// Requests of one call keep to its rate in each scope, whatever other scopes do.
func TestWaitKeepsToTheRate(t *testing.T) {
	t.Parallel()
	var took time.Duration
	_, err := run(t, collectorFunc(func(ctx context.Context, s *producers.Scan) error {
		began := time.Now()
		for range 4 {
			for _, call := range []string{"one", "two"} {
				if err := s.Wait(ctx, producers.Rate{Call: call, PerSecond: 20, Burst: 2}); err != nil {
					return err
				}
			}
		}
		took = time.Since(began)
		return nil
	}), &recorder{}, func(c *producers.RunConfig) { c.Accounts, c.Regions = accounts("a"), []string{"r1"} })
	if err != nil {
		t.Fatal(err)
	}
	// Two at once, then one each 50 ms; both calls concurrently.
	if took < 90*time.Millisecond || took > time.Second {
		t.Errorf("4 requests of two calls at 20 a second, 2 at once, took %v", took)
	}
}
