package producers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
)

// sentOf returns what FileRejects sends.
func sentOf(t *testing.T, file string, n int, order func(int) []int, make func(i int) (producers.Place, queue.Failure)) []queue.Failure {
	t.Helper()
	var got []queue.Failure
	r := producers.NewFileRejects(func(_ context.Context, f queue.Failure) error { got = append(got, f); return nil })
	for _, i := range order(n) {
		at, f := make(i)
		r.Add(at, f)
	}
	if err := r.Done(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := r.Done(t.Context(), file); err != nil { // the second call sends nothing
		t.Fatal(err)
	}
	return got
}

func ascending(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func badRecord(i int) (producers.Place, queue.Failure) {
	reason := queue.ReasonMalformedRecord
	if i%4 == 3 {
		reason = queue.ReasonUnknownRecord
	}
	return producers.Place{File: "a.json", Number: int64(2*i + 1)}, queue.Failure{
		Reason: reason, Err: fmt.Sprintf("a.json: bad %d", i), Unit: queue.UnitRecord, Body: fmt.Appendf(nil, `{"n":%d}`, i), FirstSeen: time.Unix(1, 0), LastSeen: time.Unix(1, 0),
	}
}

func TestFewRejectsAreALetterEach(t *testing.T) {
	t.Parallel()
	got := sentOf(t, "a.json", 100, ascending, badRecord)
	if len(got) != 100 || got[0].Origin != "a.json#1" || got[99].Origin != "a.json#199" || string(got[99].Body) != `{"n":99}` || got[0].Represents != nil {
		t.Fatalf("%d letters, the first %+v", len(got), got[0])
	}
}

func TestManyRejectsAreOneLetter(t *testing.T) {
	t.Parallel()
	got := sentOf(t, "a.json", 1_000_000, ascending, badRecord)
	if len(got) != 1 {
		t.Fatalf("%d letters, want 1", len(got))
	}
	f := got[0]
	want := map[queue.Reason]int{queue.ReasonMalformedRecord: 750_000, queue.ReasonUnknownRecord: 250_000}
	if f.Reason != queue.ReasonManyBadRecords || f.Unit != queue.UnitSummary || f.Origin != "a.json" || !cmp.Equal(f.Represents, want) {
		t.Errorf("letter %+v", f)
	}
	for _, says := range []string{"1000000 records are bad (malformed_record 750000, unknown_record 250000)", "bad 0; a.json: bad 1; a.json: bad 2"} {
		if !strings.Contains(f.Err, says) {
			t.Errorf("the error lacks %q: %s", says, f.Err)
		}
	}
	var s struct {
		File       string
		Failed     int64
		Bytes      int64
		Places     []string
		PlacesLeft int64 `json:"places_left"`
		First      []struct{ Place, Reason, Error, Body string }
	}
	if err := json.Unmarshal(f.Body, &s); err != nil {
		t.Fatal(err)
	}
	if s.File != "a.json" || s.Failed != 1_000_000 || s.Bytes != 11_888_890 || len(s.Places) == 0 || s.Places[1] != "3" || int64(len(s.Places))+s.PlacesLeft != 1_000_000 {
		t.Errorf("summary of %s: %d failed, %d bytes, %d places and %d more", s.File, s.Failed, s.Bytes, len(s.Places), s.PlacesLeft)
	}
	if len(s.First) != 100 || s.First[99].Place != "a.json#199" || s.First[99].Body != `{"n":99}` || s.First[3].Reason != "unknown_record" {
		t.Errorf("%d of the first: %+v", len(s.First), s.First)
	}
	if _, err := f.Message(256 << 10); err != nil {
		t.Errorf("it fits no message: %v", err)
	}
	secret := sentOf(t, "a.json", 500, ascending, func(i int) (producers.Place, queue.Failure) {
		at, f := badRecord(i)
		f.Body = fmt.Appendf(nil, `{"n":%d,"password":"hunter%d"}`, i, i)
		return at, f
	})
	if strings.Contains(string(secret[0].Body), "hunter") {
		t.Errorf("a secret is in the letter: %.300s", secret[0].Body)
	}
	if whole := sentOf(t, "a.json", 500, ascending, func(i int) (producers.Place, queue.Failure) {
		at, f := badRecord(i)
		at.Number = int64(i + 1)
		return at, f
	}); !strings.Contains(string(whole[0].Body), `"places":["1-500"]`) {
		t.Errorf("ranges: %.300s", whole[0].Body)
	}
}

// Several goroutines add failures in any order, and a second collection must send the
// same letters.
func TestRejectsDoNotDependOnTheirOrder(t *testing.T) {
	t.Parallel()
	large := func(i int) (producers.Place, queue.Failure) {
		at, f := badRecord(i)
		f.Body = []byte(strings.Repeat("x", 1+(i*7919)%(300<<10)))
		return at, f
	}
	// A single failure of this size exceeds what is kept for a file; those after it are small.
	huge := func(i int) (producers.Place, queue.Failure) {
		at, f := badRecord(i)
		if i == 7 {
			f.Body = make([]byte, 5<<20)
		}
		return at, f
	}
	for name, c := range map[string]struct {
		n    int
		make func(int) (producers.Place, queue.Failure)
	}{"huge": {20, huge}, "few": {100, badRecord}, "many": {3000, badRecord}, "large": {60, large}} {
		want := sentOf(t, "a.json", c.n, ascending, c.make)
		for seed := range uint64(20) {
			got := sentOf(t, "a.json", c.n, rand.New(rand.NewPCG(seed, 1)).Perm, c.make)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s, in another order: %.2000s", name, diff)
			}
		}
	}
}

// An API's response is stored nowhere else.
func TestRejectsOfAnswersAreALetterEach(t *testing.T) {
	t.Parallel()
	n := 0
	r := producers.NewAnswerRejects(func(context.Context, queue.Failure) error { n++; return nil })
	for i := range 1000 {
		r.Add(badRecord(i))
	}
	if err := r.Done(t.Context(), "a.json"); err != nil || n != 1000 {
		t.Errorf("%d letters, %v", n, err)
	}
}

// taking accepts events.
type taking struct{ ids []uuid.UUID }

func (t *taking) Emit(_ context.Context, events ...envelope.ResourceEvent) error {
	for i := range events {
		t.ids = append(t.ids, events[i].EventID)
	}
	return nil
}

func (t *taking) Reject(context.Context, queue.Failure) error { return nil }

// An invalid event of a file is a failure at its place, the same on every day.
func TestInvalidEventsAreRejectedAtTheirPlace(t *testing.T) {
	t.Parallel()
	collect := func(observed time.Time, n int) (got []queue.Failure, ids []uuid.UUID) {
		r := producers.NewFileRejects(func(_ context.Context, f queue.Failure) error { got = append(got, f); return nil })
		to := &taking{}
		var events []envelope.ResourceEvent
		for i := range n {
			e := event(i)
			e.ObservedAt = observed
			if i%2 == 1 {
				e.EventType = "nothing"
			}
			events = append(events, e)
		}
		if err := r.Emit(t.Context(), to.Emit, producers.Place{File: "a.json", Number: 7}, events...); err != nil {
			t.Fatal(err)
		}
		if err := r.Done(t.Context(), "a.json"); err != nil {
			t.Fatal(err)
		}
		return got, to.ids
	}
	day, another := time.UnixMilli(1_700_000_000_000).UTC(), time.UnixMilli(1_800_000_000_123).UTC()
	got, ids := collect(day, 5)
	if len(ids) != 3 || ids[1] != event(2).EventID {
		t.Errorf("%d events went on, want the three that break no rule", len(ids))
	}
	if len(got) != 2 || got[0].Origin != "a.json#7" || got[0].Reason != queue.ReasonInvalidEvent || got[0].Unit != queue.UnitEvent {
		t.Fatalf("rejected %+v", got)
	}
	again, _ := collect(another, 5)
	for i := range got {
		if got[i].Key() != again[i].Key() {
			t.Errorf("failure %d is another on another day", i)
		}
	}
	if got[0].Key() == got[1].Key() {
		t.Error("two failures of one record are one")
	}
	many, _ := collect(day, 500)
	again, _ = collect(another, 500)
	if len(many) != 1 || len(again) != 1 || many[0].Reason != queue.ReasonManyBadRecords || many[0].Key() != again[0].Key() {
		t.Errorf("many are %d letters, and %d others on another day: %.300s\n%.300s", len(many), len(again), many[0].Body, again[0].Body)
	}
	var s struct{ First []struct{ Body string } }
	if err := json.Unmarshal(many[0].Body, &s); err != nil || len(s.First) == 0 || !json.Valid([]byte(s.First[0].Body)) {
		t.Errorf("%v in %.300s", err, many[0].Body)
	}
}

// A letter for many failures has an account if they all have that one.
func TestManyRejectsOfOneAccount(t *testing.T) {
	t.Parallel()
	for want, other := range map[string]string{"111122223333": "111122223333", "": "000000000042"} {
		got := sentOf(t, "a.json", 101, ascending, func(i int) (producers.Place, queue.Failure) {
			at, f := badRecord(i)
			if f.AccountID = "111122223333"; i == 100 {
				f.AccountID = other
			}
			return at, f
		})
		if len(got) != 1 || got[0].AccountID != want {
			t.Errorf("letters %+v, want one of account %q", got, want)
		}
	}
}
