package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/local/sqsserver"
)

// broken returns the failures of a folder of broken files, as a collector sends them at a time.
func broken(files int, when time.Time) []queue.Failure {
	var all []queue.Failure
	for i := range files {
		name := fmt.Sprintf("AWSLogs/%012d/CloudTrail/eu-west-1/%d_file-%d.json.gz", i, 20260304+i, i)
		all = append(all, queue.Failure{
			Reason: queue.ReasonMalformedRecord, Unit: queue.UnitRecord, Body: fmt.Appendf(nil, `{"eventVersion":"1.08","n":%d`, i),
			Err:    fmt.Sprintf("%s: malformed_record: eventTime: missing, at byte %d", name, 17*i),
			Origin: fmt.Sprintf("%s#%d", name, i+1), FirstSeen: when, LastSeen: when,
		})
	}
	return all
}

// Collecting a broken folder again adds no failures, and the cause does not depend on the names of
// the files.
func TestListCountsCopiesOnce(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	b.fail(t, broken(162, at)...)
	b.fail(t, broken(162, at.Add(time.Hour))...)
	var got listing
	b.must(t, &got, "list")
	if got.Letters != 324 || got.Copies != 162 || got.Matched != 162 {
		t.Errorf("%d letters, %d of them copies, %d matched", got.Letters, got.Copies, got.Matched)
	}
	if len(got.Causes) != 1 || got.Causes[0].Letters != 162 || got.Causes[0].Error != "eventTime: missing" {
		t.Errorf("%d causes, the first: %+v", len(got.Causes), got.Causes[0])
	}
	if len(got.Groups) != 1 || got.Groups[0].Letters != 162 {
		t.Errorf("groups: %+v", got.Groups)
	}
	var peeked []letterView
	b.must(t, &peeked, "peek", "--max", "1000")
	if len(peeked) != 162 {
		t.Errorf("peek shows %d letters", len(peeked))
	}
	// Both copies are sent.
	if out, code := b.run(t, "purge", "--reason", "malformed_record", "--backup", filepath.Join(t.TempDir(), "b"), "--apply"); code != 0 {
		t.Fatal(out)
	}
	b.must(t, &got, "list")
	if left := all(t, b.dlq); len(left) != 0 {
		t.Errorf("%d letters are left", len(left))
	}
}

func TestCleanCause(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, origin, want string }{
		{"in/a.json.gz: malformed_record: eventTime: missing, at byte 17", "in/a.json.gz#3", "eventTime: missing"},
		{"a b.csv: line 12: column 3 is \"x\"", "a b.csv#12", `line N: column N is "x"`},
		{"event 7 of 100: invalid event 6f2c52f5-1a3c-4a7e-9f3a-0d4b6a2f7c11: currency: missing", "polo-events", "currency: missing"},
		{"event 6f2c52f5-1a3c-4a7e-9f3a-0d4b6a2f7c11: code: 469, message: Constraint `c1` for UInt64 is violated", "polo-events", "code: N, message: Constraint `c1` for UInt64 is violated"},
		{"s3://bucket/x/2026-03-04/y.parquet: 3,000 rows of arn:aws:s3:::b", "", "FILE: N rows of ARN"},
		{"row 7 of b.csv: lineItem/UnblendedCost: not a number", "b.csv#7", "row N of FILE: lineItem/UnblendedCost: not a number"},
		{"ts: 2026-03-04T05:06:07Z is before 1971", "f#1", "ts: TIME is before N"},
		{`field "period_end": not an RFC 3339 time`, "q", `field "period_end": not an RFC N time`},
	} {
		if got := cleanCause(c.text, "malformed_record", c.origin); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

// manyBad is a pack of good and many bad events, as the consumer dead-letters it.
func manyBad(t *testing.T, good, bad int) queue.Failure {
	t.Helper()
	var lines [][]byte
	for i := range good {
		e := event(i)
		lines = append(lines, e.AppendJSON(nil))
	}
	for range bad {
		lines = append(lines, []byte("{}"))
	}
	packs, _, err := envelope.EncodePacks("aws.cloudtrail", lines, 1<<20)
	if err != nil || len(packs) != 1 {
		t.Fatal(len(packs), err)
	}
	return queue.Failure{
		Reason: queue.ReasonManyBadEvents, Err: fmt.Sprintf("%d of %d events are bad", bad, good+bad), Unit: queue.UnitPack,
		Body: []byte(packs[0].Body), Origin: "polo-events", FirstSeen: at, LastSeen: at,
	}
}

func TestLetterOfManyBadEvents(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	f := manyBad(t, 30, 50_000)
	b.fail(t, f)
	var peeked []letterView
	b.must(t, &peeked, "peek", "--reason", "many_bad_events")
	if len(peeked) != 1 || peeked[0].Events != 50_030 {
		t.Fatalf("peek: %d letters", len(peeked))
	}
	id := peeked[0].ID
	out, code := b.run(t, "show", id)
	if code != 0 || len(out) > 64<<10 || !strings.Contains(out, "event 31: ") || !strings.Contains(out, "and 49980 more bad events") || !strings.Contains(out, "and 50010 more events") {
		t.Errorf("exit code %d, %d bytes: %.3000s", code, len(out), out)
	}
	var shown letterView
	b.must(t, &shown, "show", id)
	if len(shown.Bad) != 50_000 || len(shown.Lines) != 50_030 {
		t.Errorf("show --json: %d bad events of %d", len(shown.Bad), len(shown.Lines))
	}
	// It is sent unchanged: events that landed before count once.
	if out, code := b.run(t, "replay", "--id", id, "--apply", "--journal", filepath.Join(t.TempDir(), "j")); code != 0 {
		t.Fatal(out)
	}
	var packs []string
	for _, m := range all(t, b.main) {
		if m.Attributes[queue.AttrReplayCount] == "1" {
			packs = append(packs, m.Body)
		}
	}
	if len(packs) != 1 || packs[0] != string(f.Body) {
		t.Errorf("%d packs were sent, or another", len(packs))
	}
}

func TestEditOfALetterOfManyBadEvents(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	b.fail(t, manyBad(t, 5, 200))
	expr := `if .event_id then . else {event_id: "6f2c52f5-1a3c-4a7e-9f3a-0d4b6a2f7c11", event_type: "activity.api_call", source: "aws.cloudtrail", ts: "2026-03-04T05:06:07Z", observed_at: "2026-03-04T05:06:07Z"} end`
	if out, code := b.run(t, "edit", "--reason", "many_bad_events", "--expr", expr, "--apply"); code != 0 {
		t.Fatal(out)
	}
	var peeked []letterView
	b.must(t, &peeked, "peek", "--corrected")
	if len(peeked) != 1 || peeked[0].Events != 205 || peeked[0].Unit != "pack" {
		t.Fatalf("corrected: %+v", peeked)
	}
	var shown letterView
	b.must(t, &shown, "show", peeked[0].ID)
	if len(shown.Bad) != 0 {
		t.Errorf("%d events are still bad: %+v", len(shown.Bad), shown.Bad[0])
	}
}
