package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// event is an event of a resource in account's region "eu".
func event(account, kind, arn, ts string) row {
	return row{
		"event_id":   uuid.NewSHA1(uuid.NameSpaceURL, []byte(account+kind+arn+ts)).String(),
		"event_type": kind, "source": "aws.ec2", "ts": ts, "observed_at": ts, "arn": arn, "platform": "aws",
		"account_id": account, "region": "eu", "resource_type": "ec2:instance", "state": "running",
	}
}

// scan is a completed scan of the instances of account in "eu".
func scan(account, ts string) row {
	return event(account, "scan.completed", "", ts).with("state", "")
}

func TestResourcesCurrent(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	const snapshot, created, updated, deleted = "resource.snapshot", "resource.created", "resource.updated", "resource.deleted"
	for i, c := range []struct {
		name string
		rows func(account string) []row
		want []string // arn=state
	}{
		{"seen by the latest scan", func(a string) []row {
			return []row{event(a, snapshot, "x", day(1, 0)), scan(a, day(1, 0))}
		}, []string{"x=running"}},
		{"without a scan nothing vanishes", func(a string) []row {
			return []row{event(a, snapshot, "x", day(1, 0)), event(a, snapshot, "y", day(2, 0))}
		}, []string{"x=running", "y=running"}},
		{"missed by a complete scan", func(a string) []row {
			return []row{
				event(a, snapshot, "x", day(1, 0)), event(a, snapshot, "y", day(1, 0)), scan(a, day(1, 0)),
				event(a, snapshot, "y", day(2, 0)), scan(a, day(2, 0)),
			}
		}, []string{"y=running"}},
		{"a scan that found nothing at all", func(a string) []row {
			return []row{event(a, snapshot, "x", day(1, 0)), scan(a, day(2, 0))}
		}, nil},
		{"missed by a scan that broke off", func(a string) []row {
			return []row{
				event(a, snapshot, "x", day(1, 0)), event(a, snapshot, "y", day(1, 0)), scan(a, day(1, 0)),
				event(a, snapshot, "y", day(2, 0)), // no scan.completed
			}
		}, []string{"x=running", "y=running"}},
		{"a scan that was restated as not complete", func(a string) []row {
			return []row{
				event(a, snapshot, "x", day(1, 0)), scan(a, day(2, 0)),
				scan(a, day(2, 0)).with("event_type", "scan.aborted", "observed_at", day(2, 1)),
			}
		}, []string{"x=running"}},
		{"comes back", func(a string) []row {
			return []row{event(a, snapshot, "x", day(1, 0)), scan(a, day(2, 0)), event(a, snapshot, "x", day(3, 0)), scan(a, day(3, 0))}
		}, []string{"x=running"}},
		{"a scan of another region", func(a string) []row {
			return []row{event(a, snapshot, "x", day(1, 0)), scan(a, day(2, 0)).with("region", "us")}
		}, []string{"x=running"}},
		{"a scan of another type", func(a string) []row {
			return []row{event(a, snapshot, "x", day(1, 0)), scan(a, day(2, 0)).with("resource_type", "ec2:volume")}
		}, []string{"x=running"}},
		{"a scan of another account", func(a string) []row {
			return []row{event(a, snapshot, "x", day(1, 0)), scan(a+"9", day(2, 0))}
		}, []string{"x=running"}},
		{"a scan of costs", func(a string) []row {
			return []row{
				event(a, snapshot, "x", day(1, 0)).with("region", "", "resource_type", ""),
				scan(a, day(2, 0)).with("region", "", "resource_type", "", "period_end", day(3, 0)),
			}
		}, []string{"x=running"}},
		{"deleted at once, and stays so for an older scan", func(a string) []row {
			return []row{event(a, snapshot, "x", day(1, 0)), event(a, deleted, "x", day(2, 0)), event(a, snapshot, "x", day(1, 12)), scan(a, day(1, 12))}
		}, nil},
		{"deleted and made again", func(a string) []row {
			return []row{event(a, deleted, "x", day(2, 0)), event(a, created, "x", day(2, 1)).with("state", "pending")}
		}, []string{"x=pending"}},
		{"missed by a scan of every region", func(a string) []row {
			return []row{
				event(a, snapshot, "x", day(1, 0)), event(a, snapshot, "y", day(2, 0)).with("region", "us"), scan(a, day(2, 0)).with("region", "*"),
			}
		}, []string{"y=running"}},
		{"a scan of every region of another type", func(a string) []row {
			return []row{event(a, snapshot, "x", day(1, 0)), scan(a, day(2, 0)).with("region", "*", "resource_type", "ec2:volume")}
		}, []string{"x=running"}},
		{"created after the scan", func(a string) []row {
			return []row{scan(a, day(2, 0)), event(a, created, "x", day(2, 1)).with("state", "pending")}
		}, []string{"x=pending"}},
		{"an old event that comes late", func(a string) []row {
			return []row{event(a, snapshot, "x", day(1, 0)), scan(a, day(3, 0)), event(a, updated, "x", day(2, 0))}
		}, nil},
		{"an old state that comes late", func(a string) []row {
			return []row{
				event(a, snapshot, "x", day(3, 0)), scan(a, day(3, 0)),
				event(a, updated, "x", day(2, 0)).with("state", "stopped", "observed_at", day(4, 0)),
			}
		}, []string{"x=running"}},
		{"a call that failed", func(a string) []row {
			return []row{
				event(a, snapshot, "x", day(1, 0)), event(a, deleted, "x", day(2, 0)).with("error_code", "AccessDenied"),
				event(a, created, "y", day(2, 0)).with("error_code", "AccessDenied"),
			}
		}, []string{"x=running"}},
		{"state restated", func(a string) []row {
			e := event(a, snapshot, "x", day(1, 0))
			return []row{e.with("state", "stopped", "observed_at", day(2, 0)), e}
		}, []string{"x=stopped"}},
		{"arn restated", func(a string) []row {
			e := event(a, snapshot, "x", day(1, 0))
			return []row{e, e.with("arn", "z", "observed_at", day(2, 0))}
		}, []string{"z=running"}},
		{"restated as a deletion", func(a string) []row {
			e := event(a, updated, "x", day(2, 0))
			return []row{event(a, snapshot, "x", day(1, 0)), e, e.with("event_type", deleted, "observed_at", day(2, 1))}
		}, nil},
		{"restated as no state at all", func(a string) []row {
			e := event(a, deleted, "x", day(2, 0))
			return []row{event(a, snapshot, "x", day(1, 0)), e, e.with("event_type", "resource.tagged", "observed_at", day(2, 1))}
		}, []string{"x=running"}},
	} {
		account := fmt.Sprintf("%012d", i)
		rows := c.rows(account)
		for j := range rows { // each case has its own resources
			if arn := rows[j]["arn"].(string); arn != "" {
				rows[j]["arn"] = account + "/" + arn
			}
		}
		s.insert(t, rows...)
		var got []string
		for _, line := range s.lines(t, s.Users.Reader, "SELECT arn || '=' || state FROM resources_current WHERE startsWith(arn, '"+account+"/')") {
			got = append(got, strings.TrimPrefix(line, account+"/"))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestResourceSnapshots(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	x := event("1", "resource.snapshot", "x", day(1, 1))
	s.insert(t,
		x.with("tags", map[string]string{"k": "old"}),
		event("1", "resource.updated", "x", day(1, 23.9)).with("state", "stopped", "tags", map[string]string{"k": "v"},
			"relations.type", []string{"uses_role"}, "relations.target_arn", []string{"role"}, "ancestors", []string{"vpc"}),
		event("1", "resource.deleted", "x", day(3, 0)).with("state", "gone"),
	)
	want := []string{
		`["x", "2026-01-01", false, "stopped", {"k":"v"}, ["vpc"], [["uses_role","role"]], "2026-01-01 01:00:00.000", "2026-01-01 23:54:00.000"]`,
		`["x", "2026-01-03", true, "gone", {}, [], [], "2026-01-03 00:00:00.000", "2026-01-03 00:00:00.000"]`,
	}
	const query = "SELECT arn, day, deleted, state, tags, ancestors, relations, first_ts, last_ts FROM resource_snapshots FORMAT JSONCompactEachRow"
	if diff := cmp.Diff(want, s.lines(t, s.Users.Reader, query)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	link := func(r row, ancestors []string, relations ...string) row {
		var types, targets []string
		for _, rel := range relations {
			kind, target, _ := strings.Cut(rel, ">")
			types, targets = append(types, kind), append(targets, target)
		}
		return r.with("ancestors", ancestors, "relations.type", types, "relations.target_arn", targets)
	}
	call := event("1", "activity.api_call", "x", day(2, 0))
	dropped := event("1", "activity.api_call", "x", day(9, 0))
	s.insert(t,
		link(event("1", "resource.snapshot", "x", day(1, 0)), []string{"subnet", "vpc"}, "in>a", "in>b"),
		link(call, []string{"vpc"}, "in>a"),
		link(dropped, []string{"other"}, "in>a", "in>c"),
		link(event("1", "activity.api_call", "", day(3, 0)), []string{"org"}, "in>d"),
		event("1", "activity.api_call", "y", day(3, 0)),
	)
	s.insert(t, dropped.with("observed_at", day(9, 1)))
	for query, want := range map[string][]string{
		"SELECT arn, type, target_arn, toDayOfMonth(first_seen), toDayOfMonth(last_seen) FROM resource_relationships": {
			"x\tin\ta\t1\t2", "x\tin\tb\t1\t1",
		},
		"SELECT arn, ancestor_arn, depth, toDayOfMonth(first_seen), toDayOfMonth(last_seen) FROM resource_ancestry": {
			"x\tsubnet\t1\t1\t1", "x\tvpc\t1\t1\t2",
		},
	} {
		if diff := cmp.Diff(want, s.lines(t, s.Users.Reader, query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}
