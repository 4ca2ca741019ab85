package replay_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"polo/dlq-replay/replay"
	"polo/envelope"
	"polo/internal/queue"
)

// forgetful is a queue whose first deletions come too late: the receipts have expired, and the
// letters are redelivered later.
type forgetful struct {
	mu      sync.Mutex
	letters map[string]queue.Message
	visible map[string]bool
	forgets int
	sent    int
}

func newForgetful(t *testing.T, letters, forgets int) *forgetful {
	t.Helper()
	q := &forgetful{letters: map[string]queue.Message{}, visible: map[string]bool{}, forgets: forgets}
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for i := range letters {
		e := envelope.ResourceEvent{EventID: envelope.NewEventID("test", at, fmt.Sprint(i)), EventType: envelope.TypeAPICall, Source: "test", TS: at, ObservedAt: at}
		f := queue.Failure{Reason: queue.ReasonRefusedEvent, Err: "e", Unit: queue.UnitEvent, Body: e.AppendJSON(nil), FirstSeen: at, LastSeen: at, ReceiveCount: 1}
		out, err := f.Message(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		id := fmt.Sprint(i)
		q.letters[id], q.visible[id] = queue.Message{ID: id, Receipt: id, Body: out.Body, Attributes: out.Attributes, ReceiveCount: 1}, true
	}
	return q
}

func (q *forgetful) Receive(_ context.Context, limit int, _ time.Duration) ([]queue.Message, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []queue.Message
	for id, m := range q.letters {
		if q.visible[id] && len(out) < limit {
			q.visible[id] = false
			out = append(out, m)
		}
	}
	return out, nil
}

func (q *forgetful) DeleteBatch(_ context.Context, receipts []string) []error {
	q.mu.Lock()
	defer q.mu.Unlock()
	errs := make([]error, len(receipts))
	for i, r := range receipts {
		if q.forgets > 0 {
			q.forgets--
			errs[i] = fmt.Errorf("deleting: %w", queue.ErrReceipt)
			time.AfterFunc(700*time.Millisecond, func() {
				q.mu.Lock()
				defer q.mu.Unlock()
				q.visible[r] = true
			})
			continue
		}
		delete(q.letters, r)
	}
	return errs
}

func (q *forgetful) ExtendBatch(_ context.Context, receipts []string, _ time.Duration) []error {
	return make([]error, len(receipts))
}

func (q *forgetful) Stats(context.Context) (queue.Stats, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var s queue.Stats
	for id := range q.letters {
		if q.visible[id] {
			s.Visible++
		} else {
			s.InFlight++
		}
	}
	return s, nil
}

func (q *forgetful) SendBatch(_ context.Context, entries []queue.Outgoing) []error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent += len(entries)
	return make([]error, len(entries))
}

func (q *forgetful) Limits() queue.Limits {
	return queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: 1 << 20}
}

// A letter that was sent, but whose visibility expired before it was deleted, is deleted by the
// same run when it is redelivered. It is not sent again.
func TestUndeletedLetterIsDeletedWhenRedelivered(t *testing.T) {
	t.Parallel()
	const letters, forgets = 40, 15
	q := newForgetful(t, letters, forgets)
	path := filepath.Join(t.TempDir(), "journal")
	run := replay.Run{
		Reader: replay.NewReader(q, 2, time.Second), Queue: q, DLQ: q, Planner: &replay.Planner{MaxReplays: 3, MaxMessage: 1 << 20},
		Match: func(*replay.Letter) bool { return true }, Senders: 2,
		Begin: func() (*replay.Journal, error) {
			return replay.OpenJournal(path, replay.Header{Run: "r", Started: time.Now(), DLQ: "dlq", Typed: "--all"})
		},
	}
	got, err := run.Do(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Journal.Close(); err != nil {
		t.Error(err)
	}
	if got.Sent != letters || got.Known != 0 || got.Open != 0 || q.sent != letters || len(q.letters) != 0 {
		t.Errorf("%+v, %d messages were sent, %d letters are there still", got, q.sent, len(q.letters))
	}
}

// A killed process may have held letters that it had not begun to send. The next one waits for
// those, too.
func TestRunWaitsForLettersOfAKilledRun(t *testing.T) {
	t.Parallel()
	q := newForgetful(t, 3, 0)
	q.visible["1"] = false // held by the killed process
	time.AfterFunc(1200*time.Millisecond, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.visible["1"] = true
	})
	journal, err := replay.OpenJournal(filepath.Join(t.TempDir(), "journal"), replay.Header{Run: "r", Started: time.Now(), DLQ: "dlq", Typed: "--all"})
	if err != nil {
		t.Fatal(err)
	}
	run := replay.Run{
		Reader: replay.NewReader(q, 2, time.Second), Queue: q, DLQ: q, Planner: &replay.Planner{MaxReplays: 3, MaxMessage: 1 << 20},
		Match: func(*replay.Letter) bool { return true }, Senders: 2, Journal: journal, Patient: 10 * time.Second,
	}
	got, err := run.Do(t.Context())
	if err := errors.Join(err, journal.Close()); err != nil {
		t.Fatal(err)
	}
	if got.Sent != 3 || got.HeldByOthers != 0 || got.Open != 0 || len(q.letters) != 0 {
		t.Errorf("%+v, %d letters are there still", got, len(q.letters))
	}
}
