package sample_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"polo/envelope"
	"polo/local/sample"
	"polo/producers"
	"polo/producers/cloudtrail"
	"polo/producers/cur"
	"polo/producers/emittertest"
	"polo/producers/recorded"
	"polo/producers/tree"
)

// worlds end on different days of a week and of a month.
var worlds = []time.Time{
	time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC),
}

func writeWorld(t *testing.T, o sample.WorldOptions) (string, sample.WorldSummary) {
	t.Helper()
	o.Dir = t.TempDir()
	sum, err := sample.WriteWorld(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return o.Dir, sum
}

func TestSameWorld(t *testing.T) {
	t.Parallel()
	o := sample.WorldOptions{Records: 50, Seed: 1, Now: worlds[0]}
	one, sum := writeWorld(t, o)
	two, _ := writeWorld(t, o)
	if hash(t, one) != hash(t, two) {
		t.Error("the same seed and time write other files")
	}
	doc, err := os.ReadFile("../../docs/SAMPLE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range sum.Happenings {
		if !strings.Contains(string(doc), h.What) {
			t.Errorf("docs/SAMPLE.md does not tell that %s", h.What)
		}
	}
	o.Seed = 5
	if other, _ := writeWorld(t, o); hash(t, one) == hash(t, other) {
		t.Error("another seed writes the same files")
	}
}

// collected are the events of a world, by what they were read from.
type collected struct{ bills, inventory, trail emittertest.Recorder }

// collectWorld reads a world's files as polo ingest does.
func collectWorld(t *testing.T, dir string) *collected {
	t.Helper()
	out := &collected{}
	open := func(folder string) (tree.Tree, []string) {
		in, err := tree.Open(t.Context(), dir+"/"+folder)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = in.Close() })
		objects, err := in.List(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, o := range objects {
			names = append(names, o.Name)
		}
		return in, names
	}
	id := producers.DefaultIdentity()
	in, _ := open("bills")
	bills, err := cur.Files{Input: dir + "/bills", Tree: in, ObservedAt: time.Now(), Identity: id, Pages: 1 << 28}.Collect(t.Context(), &out.bills)
	if err != nil || len(bills.Skipped) > 0 || len(bills.UnknownColumns) > 0 {
		t.Fatalf("bills: %v, skipped %v, unknown columns %v", err, bills.Skipped, bills.UnknownColumns)
	}
	in, names := open("inventory")
	answers, err := recorded.Files{Tree: in, Names: names, Identity: id}.Collect(t.Context(), &out.inventory)
	if err != nil || len(answers.Left) > 0 || answers.Undated > 0 {
		t.Fatalf("inventory: %v, left %v, %d undated", err, answers.Left, answers.Undated)
	}
	in, _ = open("AWSLogs")
	logs, err := cloudtrail.Files{Input: dir + "/AWSLogs", Tree: in, Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{Identity: id.OfTags}), ObservedAt: time.Now()}.Collect(t.Context(), &out.trail)
	if err != nil || len(logs.Skipped) > 0 {
		t.Fatalf("CloudTrail: %v, skipped %v", err, logs.Skipped)
	}
	for name, r := range map[string]*emittertest.Recorder{"bills": &out.bills, "inventory": &out.inventory, "CloudTrail": &out.trail} {
		for _, f := range r.Failures {
			t.Errorf("%s: %s", name, f.Err)
		}
		for i := range r.Events {
			if err := r.Events[i].Validate(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	return out
}

// lives are the scans that saw each resource, and all scans of its scope.
type lives struct {
	seen  map[string]map[time.Time]envelope.ResourceEvent
	scans map[string][]time.Time // by account, region and type
}

func livesOf(c *collected) lives {
	l := lives{map[string]map[time.Time]envelope.ResourceEvent{}, map[string][]time.Time{}}
	for _, e := range c.inventory.Events {
		switch e.EventType {
		case envelope.TypeSnapshot:
			if l.seen[e.ARN] == nil {
				l.seen[e.ARN] = map[time.Time]envelope.ResourceEvent{}
			}
			l.seen[e.ARN][e.TS] = e
		case envelope.TypeScanCompleted:
			l.scans[scopeOf(e)] = append(l.scans[scopeOf(e)], e.TS)
		}
	}
	return l
}

func scopeOf(e envelope.ResourceEvent) string {
	region := e.Region
	if e.ResourceType == "s3:bucket" {
		region = "*"
	}
	return e.AccountID + " " + region + " " + e.ResourceType
}

// What the three views say of the world agrees, whenever it ends.
func TestWorldHangsTogether(t *testing.T) {
	t.Parallel()
	for seed, now := range worlds {
		t.Run(now.Format(time.DateOnly), func(t *testing.T) {
			t.Parallel()
			dir, sum := writeWorld(t, sample.WorldOptions{Records: 300, Seed: uint64(seed), Now: now, Gzip: seed == 0})
			c := collectWorld(t, dir)
			if days := int(sum.Last.Sub(sum.First)/(24*time.Hour)) + 1; days != sample.Days || !sum.Last.Before(now) || now.Sub(sum.Last) > 48*time.Hour {
				t.Errorf("%d days up to %s, seen at %s", days, sum.Last, now)
			}
			for _, e := range c.bills.Of(envelope.TypeCostAccrued) {
				if e.TS.Before(sum.First) || e.TS.After(sum.Last) {
					t.Errorf("a cost of %s", e.TS)
				}
			}
			l := livesOf(c)
			billedIsThere(t, c, l)
			createdIsThere(t, c, l, now)
			plantsAreThere(t, c, l, sum, now)
		})
	}
}

// billedIsThere: a scan on a day on which a resource costs something finds it, and one on a day on
// which an instance costs nothing finds it stopped or not at all.
func billedIsThere(t *testing.T, c *collected, l lives) {
	t.Helper()
	costs := map[string]map[time.Time]bool{}
	charged := map[string]envelope.ResourceEvent{}
	for _, e := range c.bills.Events {
		if e.EventType == envelope.TypeCostAccrued && e.ARN != "" && strings.Contains(e.ResourceType, ":") && !e.CostAmount.Decimal.IsNegative() {
			if costs[e.ARN] == nil {
				costs[e.ARN] = map[time.Time]bool{}
			}
			costs[e.ARN][e.TS] = true
			charged[e.ARN] = e
		}
	}
	instances := 0
	for arn, days := range costs {
		e := charged[arn]
		if e.ResourceType == "ec2:instance" {
			instances++
		}
		if len(l.seen[arn]) == 0 {
			t.Errorf("%s is billed and in no scan", arn)
			continue
		}
		in := slices.SortedFunc(maps.Keys(days), time.Time.Compare)
		first, last := in[0], in[len(in)-1]
		for _, at := range l.scans[scopeOf(e)] {
			day := at.Truncate(24 * time.Hour)
			snapshot, seen := l.seen[arn][at]
			running := seen && snapshot.State != "stopped"
			switch {
			case days[day] && !seen && day.Before(last): // it may be deleted later on its last day
				t.Errorf("%s costs on %s and is not there", arn, at)
			case e.ResourceType == "ec2:instance" && running && !days[day] && !at.Before(first) && day.Before(last.AddDate(0, 0, 1)):
				t.Errorf("%s runs at %s and costs nothing", arn, at)
			case e.ResourceType == "ec2:instance" && seen && !running && days[day.AddDate(0, 0, 1)]:
				t.Errorf("%s is stopped at %s and costs the day after", arn, at)
			case running && (day.Before(first) || e.ResourceType == "ec2:instance" && day.After(last.AddDate(0, 0, 1))):
				t.Errorf("%s is there at %s and costs from %s to %s", arn, at, first, last)
			}
		}
	}
	if instances < 15 {
		t.Errorf("%d instances are billed", instances)
	}
}

// createdIsThere: a resource that CloudTrail creates is in the next scan, one that it deletes is not.
func createdIsThere(t *testing.T, c *collected, l lives, now time.Time) {
	t.Helper()
	deleted := map[string]time.Time{}
	for _, e := range c.trail.Of(envelope.TypeResourceDeleted) {
		deleted[e.ARN] = e.TS
	}
	next := func(e envelope.ResourceEvent) (time.Time, bool) {
		for _, at := range l.scans[scopeOf(e)] {
			if at.After(e.TS) {
				return at, true
			}
		}
		return time.Time{}, false
	}
	created := c.trail.Of(envelope.TypeResourceCreated)
	if len(created) < 6 || len(deleted) < 5 {
		t.Errorf("%d resources are created, %d deleted", len(created), len(deleted))
	}
	for _, e := range created {
		at, ok := next(e)
		if _, seen := l.seen[e.ARN][at]; !ok || !seen {
			t.Errorf("%s is created at %s and not there at %s", e.ARN, e.TS, at)
		}
	}
	for _, e := range c.trail.Of(envelope.TypeResourceDeleted) {
		at, ok := next(e)
		if _, seen := l.seen[e.ARN][at]; !ok || seen || len(l.seen[e.ARN]) == 0 {
			t.Errorf("%s is deleted at %s and still there at %s, or never was", e.ARN, e.TS, at)
		}
	}
	for _, e := range slices.Concat(c.trail.Events, c.inventory.Events) {
		if e.TS.After(now) {
			t.Errorf("%s is later than the world", e.TS)
		}
	}
}

// plantsAreThere checks that the files contain everything that the summary lists.
func plantsAreThere(t *testing.T, c *collected, l lives, sum sample.WorldSummary, now time.Time) {
	t.Helper()
	days := map[string]time.Time{}
	for i, h := range sum.Happenings {
		if h.Day.Before(sum.First) || h.Day.After(now) || i > 0 && h.Day.Before(sum.Happenings[i-1].Day) {
			t.Errorf("%s is on %s", h.What, h.Day)
		}
		days[strings.Fields(h.What)[0]+" "+strings.Fields(h.What)[1]] = h.Day
	}
	cost := func(day time.Time, keep func(e envelope.ResourceEvent) bool) (sum float64) {
		for _, e := range c.bills.Of(envelope.TypeCostAccrued) {
			if e.TS.Equal(day) && keep(e) {
				sum += e.CostAmount.Decimal.InexactFloat64()
			}
		}
		return sum
	}
	of := func(customer string) func(envelope.ResourceEvent) bool {
		return func(e envelope.ResourceEvent) bool { return e.MarqoCustomer == customer }
	}
	for _, tc := range []struct {
		name        string
		day         time.Time
		keep        func(envelope.ResourceEvent) bool
		least, most float64 // of the cost two days before to that of the day after
	}{
		{"a cluster is launched", days["ada launches"], of("acme"), 2, 4},
		{"a customer leaves", days["the customer"], of("initech"), 0, 0.1},
		{"a gateway spikes", days["the NAT"], func(e envelope.ResourceEvent) bool {
			return e.ResourceType == "ec2:natgateway" && e.AccountID == "444422226666"
		}, 20, 100},
		{"another customer does not change", days["ada launches"], of("globex"), 0.8, 1.25},
	} {
		before, after := cost(tc.day.AddDate(0, 0, -2), tc.keep), cost(tc.day.AddDate(0, 0, 1), tc.keep)
		if rate := after / before; before < 2 || rate < tc.least || rate > tc.most {
			t.Errorf("%s on %s: %.2f before, %.2f after", tc.name, tc.day.Format(time.DateOnly), before, after)
		}
	}
	if w := [2]time.Weekday{days["ada launches"].Weekday(), days["the NAT"].Weekday()}; w != [2]time.Weekday{time.Tuesday, time.Saturday} {
		t.Errorf("the cluster is launched and the gateway spikes on %v", w)
	}
	last := map[string]int{}
	for _, all := range l.seen {
		e := all[slices.MaxFunc(slices.Collect(maps.Keys(all)), time.Time.Compare)]
		if scans := l.scans[scopeOf(e)]; !e.TS.Equal(slices.MaxFunc(scans, time.Time.Compare)) {
			continue
		}
		for plant, is := range map[string]bool{
			"forgotten volume":   e.ResourceType == "ec2:volume" && e.State == "available" && e.MarqoCustomer == "initech",
			"unencrypted volume": e.ResourceType == "ec2:volume" && e.Properties.Get("encrypted") == "false",
			"stopped instance":   e.State == "stopped",
			"idle address":       e.ResourceType == "ec2:elastic-ip" && e.Properties.Get("association_id") == "",
			"open group":         strings.Contains(e.Properties.Get("ip_permissions"), "0.0.0.0/0"),
			"no tags":            e.ResourceType == "ec2:instance" && e.Tags.Get("team") == "",
		} {
			if is {
				last[plant]++
			}
		}
	}
	if got := fmt.Sprint(last); got != "map[forgotten volume:1 idle address:1 no tags:1 open group:1 stopped instance:1 unencrypted volume:1]" {
		t.Errorf("at the end there are %s", got)
	}
	by := map[string]string{}
	for _, e := range c.trail.Events {
		if name := e.Properties.Get("event_name"); e.EventType == envelope.TypeAPICall && !strings.HasPrefix(name, "Describe") {
			by[name] = cmp.Or(by[name], e.Actor[strings.LastIndexByte(e.Actor, '/')+1:]+" "+e.ErrorCode)
		}
	}
	for call, who := range map[string]string{
		"AuthorizeSecurityGroupIngress": "hugo@example.org ", "CreateVolume": "milo@example.org ", "AllocateAddress": "kofi@example.org ", "StopInstances": "pia@example.org ",
	} {
		if by[call] != who {
			t.Errorf("%s is called by %q, want %q", call, by[call], who)
		}
	}
}
