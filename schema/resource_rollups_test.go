package schema_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"polo/schema"
)

// folding returns a store whose resources are folded by fold alone, some twenty rows at a time if few.
func folding(t *testing.T, few bool) store {
	t.Helper()
	s := migrated(t)
	if few {
		files := filesWith(t, "views/resource_rollups_due.sql", "< 200000", "< 20")
		if _, err := schema.NewFrom(s.connect(t), s.target(), files).Up(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s.must(t, s.Users.Migrator, "SYSTEM STOP VIEW resource_rollups_mv")
	for sql := range strings.SplitSeq(strings.TrimSpace(liveSQL), ";\n\n") {
		s.must(t, s.Users.Migrator, strings.TrimSuffix(sql, ";"))
	}
	return s
}

// fold does what one run of resource_rollups_mv does.
func (s store) fold(t *testing.T) {
	t.Helper()
	s.must(t, s.Users.Migrator, "INSERT INTO resource_rollups SELECT * FROM resource_rollups_due SETTINGS max_insert_threads = 1, min_insert_block_size_rows = 1000000000, min_insert_block_size_bytes = 0")
}

// answers returns where resources_current has its answer from: all events ("live"), what is stored and what changed since
// ("touched"), or what is stored ("kept").
func (s store) answers(t *testing.T) string {
	t.Helper()
	return s.must(t, s.Users.Reader, "SELECT multiIf(count() = 0 OR any(stamp) = 0, 'live', any(stamp) = (SELECT stamp FROM resource_stamp), 'kept', 'touched') FROM resource_rollups WHERE kind = 0")
}

func (s store) resourcesAsLive(t *testing.T, when string) {
	t.Helper()
	for _, name := range []string{"resources_current", "resource_scans"} {
		want := s.lines(t, s.Users.Reader, "SELECT * FROM live_"+name+" FORMAT TSV")
		if diff := difference(want, s.lines(t, s.Users.Reader, "SELECT * FROM "+name+" FORMAT TSV")); diff != "" {
			t.Fatalf("%s, %s from %s (-live +stored):\n%s", when, name, s.answers(t), diff)
		}
	}
}

// Stored resources answer as the live definition does after every insert, whatever has been folded, in whatever order
// statements come, whatever they restate, and however parts were merged.
func TestResourcesEqualLive(t *testing.T) {
	t.Parallel()
	for seed := range seeds(t, 1) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w, r := newWorld(uint64(500+seed)), rand.New(rand.NewPCG(uint64(seed), 5))
			few := seed%2 == 1
			s := folding(t, few)
			used := map[string]int{}
			for i, rows := range w.deliveries(r) {
				rows = slices.DeleteFunc(slices.Clone(rows), func(r row) bool {
					kind := r["event_type"].(string)
					return !strings.HasPrefix(kind, "resource.") && !strings.HasPrefix(kind, "scan.")
				})
				if len(rows) == 0 {
					continue
				}
				s.insert(t, rows...)
				for range r.IntN(4) * map[bool]int{false: 1, true: 3}[few] {
					s.fold(t)
				}
				switch r.IntN(8) {
				case 0:
					s.must(t, s.Users.Migrator, "OPTIMIZE TABLE resource_states FINAL")
				case 1:
					s.must(t, s.Users.Migrator, "OPTIMIZE TABLE resource_rollups FINAL")
				case 2:
					if i > 20 && r.IntN(3) == 0 {
						s.must(t, s.Users.Migrator, "TRUNCATE TABLE resource_rollups")
					}
				}
				if r.IntN(2) == 0 { // something comes after the last run
					s.insert(t, rows[r.IntN(len(rows))])
				}
				used[s.answers(t)]++
				s.resourcesAsLive(t, fmt.Sprint("after batch ", i))
			}
			for range 100 {
				if s.fold(t); s.answers(t) == "kept" {
					break
				}
			}
			used[s.answers(t)]++
			s.resourcesAsLive(t, "folded")
			s.must(t, s.Users.Migrator, "OPTIMIZE TABLE resource_states FINAL")
			s.resourcesAsLive(t, "merged")
			s.fold(t)
			s.resourcesAsLive(t, "folded again")
			if used["touched"] < 5 || used["kept"] < 1 {
				t.Errorf("answers were from %v", used)
			}
			t.Log(used)
		})
	}
}

// An event that is restated as another resource's leaves the one that it was of, though later ones of that come with it.
func TestRestatedEventLeavesItsResource(t *testing.T) {
	t.Parallel()
	s := folding(t, false)
	first := event("1", "resource.snapshot", "arn:a", day(1, 2)).with("state", "running", "version", 1)
	s.insert(t, first)
	s.fold(t)
	s.insert(t, first.with("arn", "arn:b", "version", 2), event("1", "resource.updated", "arn:a", day(1, 3)).with("state", ""))
	s.resourcesAsLive(t, "restated")
	if got := s.must(t, s.Users.Reader, "SELECT concat(arn, ' ', state) FROM resources_current ORDER BY arn FORMAT CSV"); got != "\"arn:a \"\n\"arn:b running\"" {
		t.Errorf("the resources are %s", got)
	}
	s.fold(t)
	s.resourcesAsLive(t, "folded")
}

// States that were kept hold no longer when a scan ends, though no snapshot comes with it.
func TestScanOutdatesKeptResources(t *testing.T) {
	t.Parallel()
	s := folding(t, false)
	s.insert(t, event("1", "resource.snapshot", "arn:a", day(1, 2)))
	s.fold(t)
	if got := s.answers(t); got != "kept" {
		t.Fatalf("the answer is from %s", got)
	}
	s.insert(t, scan("1", day(2, 2)).with("properties", map[string]string{"events": "0"}))
	s.resourcesAsLive(t, "scanned")
	if got := s.must(t, s.Users.Reader, "SELECT count() FROM resources_current"); got != "0" {
		t.Errorf("%s resources are there", got)
	}
}

// A scan lacks a snapshot that was restated as another type of event, though no scan and no snapshot came.
func TestRestatedSnapshotLeavesItsScan(t *testing.T) {
	t.Parallel()
	s := folding(t, false)
	first := event("1", "resource.snapshot", "arn:a", day(2, 2)).with("version", 1)
	s.insert(t, event("1", "resource.snapshot", "arn:old", day(1, 2)), first, event("1", "resource.snapshot", "arn:b", day(2, 2)),
		scan("1", day(2, 2)).with("properties", map[string]string{"events": "2"}))
	s.fold(t)
	s.resourcesAsLive(t, "scanned")
	s.insert(t, first.with("event_type", "resource.updated", "version", 2))
	s.resourcesAsLive(t, "restated")
	if got := s.must(t, s.Users.Reader, "SELECT groupArray(arn) FROM (SELECT arn FROM resources_current ORDER BY arn)"); got != "['arn:a','arn:b','arn:old']" {
		t.Errorf("%s are there", got)
	}
	s.fold(t)
	s.resourcesAsLive(t, "folded")
}

// The scans that count are kept while resources change, until a snapshot comes that a scan still lacks.
func TestScansAreKeptWhileResourcesChange(t *testing.T) {
	t.Parallel()
	s := folding(t, false)
	kept := func(when, want string) {
		t.Helper()
		s.resourcesAsLive(t, when)
		if got := s.must(t, s.Users.Reader, "SELECT scan_stamp = (SELECT any(scan_stamp) FROM resource_rollups WHERE kind = 0) FROM resource_stamp"); got != want {
			t.Errorf("%s: the scans are kept: %s", when, got)
		}
	}
	s.insert(t, event("1", "resource.snapshot", "arn:old", day(1, 2)), event("1", "resource.snapshot", "arn:a", day(2, 2)),
		scan("1", day(2, 2)).with("properties", map[string]string{"events": "2"}))
	kept("not folded", "0")
	s.fold(t)
	kept("folded", "1")
	s.insert(t, event("1", "resource.updated", "arn:a", day(2, 3)))
	kept("changed", "1")
	s.insert(t, event("1", "resource.snapshot", "arn:b", day(2, 2)))
	kept("the scan is whole", "0")
	if got := s.must(t, s.Users.Reader, "SELECT groupArray(arn) FROM (SELECT arn FROM resources_current ORDER BY arn)"); got != "['arn:a','arn:b']" {
		t.Errorf("%s are there", got)
	}
}

// What comes while a run begins is folded by it or by the next; in between it is in no state, and still in every answer.
func TestRowsThatComeDuringARunAreSeen(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	r := rand.New(rand.NewPCG(7, 7))
	for i := range 25 {
		s.must(t, s.Users.Migrator, "SYSTEM REFRESH VIEW resource_rollups_mv")
		time.Sleep(time.Duration(r.IntN(60)) * time.Millisecond)
		s.insert(t, event(fmt.Sprint(i), "resource.snapshot", fmt.Sprintf("arn:%02d", i), day(1, float64(i)/2)))
		s.must(t, s.Users.Migrator, "SYSTEM WAIT VIEW resource_rollups_mv")
		if got := s.must(t, s.Users.Reader, "SELECT count() FROM resources_current"); got != fmt.Sprint(i+1) {
			t.Fatalf("%s resources are there of %d, from %s", got, i+1, s.answers(t))
		}
	}
}

// A row that was removed and comes back, of the same version, is folded again.
func TestRemovedEventComesBack(t *testing.T) {
	t.Parallel()
	s := folding(t, false)
	first := event("1", "resource.snapshot", "arn:a", day(1, 2)).with("version", 1)
	s.insert(t, first, event("1", "resource.snapshot", "arn:b", day(1, 2)))
	s.fold(t)
	s.must(t, s.Users.Migrator, "ALTER TABLE resource_states DELETE WHERE arn = 'arn:a' SETTINGS mutations_sync = 2")
	s.resourcesAsLive(t, "removed")
	s.fold(t)
	s.resourcesAsLive(t, "folded without it")
	s.insert(t, first, event("1", "resource.snapshot", "arn:c", day(1, 3)))
	s.resourcesAsLive(t, "back")
	s.fold(t)
	s.resourcesAsLive(t, "folded with it")
	if got := s.must(t, s.Users.Reader, "SELECT count() FROM resources_current"); got != "3" || s.answers(t) != "kept" {
		t.Errorf("%s resources are there, from %s", got, s.answers(t))
	}
}
