package consumer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"polo/consumer"
	"polo/internal/queue"
)

// careful returns a consumer with a crash log at path, like a process that starts now.
func careful(t *testing.T, path string, s consumer.Sink, dlq queue.Sender) *consumer.Consumer {
	t.Helper()
	log, err := consumer.OpenCrashLog(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	c, err := consumer.New(consumer.Config{Sink: s, DeadLetter: dlq, InsertRetry: 600 * time.Millisecond, Crashes: log})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPanicAffectsOneMessage(t *testing.T) {
	t.Parallel()
	// Together they panic; alone only the second does.
	s, dlq := &sink{answer: func(call, _ int) error {
		if call == 1 || call == 3 {
			panic("index out of range")
		}
		return nil
	}}, &letters{}
	messages := []queue.Message{message(t, "a", event(1, at)), message(t, "b", event(2, at)), message(t, "c", event(3, at))}
	r, err := careful(t, filepath.Join(t.TempDir(), "log"), s, dlq).Process(t.Context(), messages)
	if err != nil {
		t.Fatal(err)
	}
	want := consumer.Report{
		Verdicts: []consumer.Verdict{consumer.Ack, consumer.Ack, consumer.Ack}, Messages: 3, Events: 2, Inserted: 2,
		DeadLettered: map[queue.Reason]int{queue.ReasonCrashesConsumer: 1}, Failed: map[queue.Reason]int64{queue.ReasonCrashesConsumer: 1},
	}
	if diff := cmp.Diff(want, r, cmpopts.IgnoreFields(consumer.Report{}, "InsertTime"), cmpopts.IgnoreUnexported(consumer.Report{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	f := dlq.failures(t)[0]
	if f.MessageID != "b" || string(f.Body) != messages[1].Body || !strings.Contains(f.Err, "index out of range") {
		t.Errorf("failure %+v does not show the message and the panic", f)
	}
}

// crash runs a process that crashes when it inserts that many rows. It returns what was inserted
// before, and the crash log.
func crash(t *testing.T, path string, rows int, messages ...queue.Message) (inserted []int, left string) {
	t.Helper()
	left = filepath.Join(t.TempDir(), "left")
	down, end := make(chan struct{}), make(chan struct{})
	s := &sink{answer: func(_, n int) error {
		if n != rows {
			inserted = append(inserted, n)
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(left, text, 0o600)
		}
		if err != nil {
			t.Error(err)
		}
		close(down)
		<-end // never returns
		return errRefused
	}}
	ended := make(chan error, 1)
	c := careful(t, path, s, &letters{})
	go func() {
		_, err := c.Process(context.Background(), messages)
		ended <- err
	}()
	t.Cleanup(func() {
		close(end)
		if err := <-ended; err != nil {
			t.Log(err)
		}
	})
	select {
	case <-down:
	case err := <-ended:
		t.Fatalf("it did not go down: %v", err)
	}
	return inserted, left
}

func TestCrashingMessageIsTriedAloneThenDeadLettered(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	bad := message(t, "bad", event(1, at), event(2, at), event(3, at), event(4, at), event(5, at))
	neighbour := message(t, "neighbour", event(6, at))
	fresh := func(n int) queue.Message { return message(t, fmt.Sprint("fresh", n), event(10+n, at), event(20+n, at)) }

	got, path := crash(t, path, 6, bad, neighbour)
	if len(got) != 0 {
		t.Errorf("inserted %v before the first crash", got)
	}
	// From now on the two are tried one by one, after the others are safe.
	for n := range 3 {
		want := []int{2, 1}
		if n > 0 {
			want = []int{3} // the other message is no longer a suspect
		}
		if got, path = crash(t, path, 5, neighbour, fresh(n), bad); !cmp.Equal(want, got) {
			t.Errorf("crash %d: inserted %v before it, want %v", n+2, got, want)
		}
	}
	s, dlq := &sink{}, &letters{}
	r, err := careful(t, path, s, dlq).Process(t.Context(), []queue.Message{bad, fresh(9)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{2}, s.rows); diff != "" {
		t.Errorf("inserts (-want +got):\n%s", diff)
	}
	if r.DeadLettered[queue.ReasonCrashesConsumer] != 1 || r.Verdicts[0] != consumer.Ack {
		t.Fatalf("report %+v: it is not given up", r)
	}
	if f := dlq.failures(t)[0]; f.MessageID != "bad" || string(f.Body) != bad.Body || !strings.Contains(f.Err, "3 times") {
		t.Errorf("failure %+v does not tell", f)
	}
	// Replayed after the code is fixed, it is no longer a suspect.
	s = &sink{}
	if _, err = careful(t, path, s, dlq).Process(t.Context(), []queue.Message{bad}); err != nil || len(s.rows) != 1 {
		t.Errorf("%v, inserts %v after a replay", err, s.rows)
	}
}

// An outage that lasts until someone kills the process is no message's fault.
func TestKillInAnOutageMakesNoSuspect(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	var seen []string
	s := &sink{answer: func(call, _ int) error {
		if text, err := os.ReadFile(path); err == nil && call > 1 {
			seen = append(seen, string(text))
		}
		return errOutage
	}}
	if _, err := careful(t, path, s, &letters{}).Process(t.Context(), []queue.Message{message(t, "a", event(1, at))}); err == nil {
		t.Fatal("no outage")
	}
	if len(seen) == 0 {
		t.Fatal("the insert was not tried again")
	}
	for _, text := range seen {
		if strings.Contains(text, `"a"`) {
			t.Errorf("in an outage the crash log holds %s", text)
		}
	}
}

func TestDamagedCrashLogIsReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &sink{}
	if _, err := careful(t, path, s, &letters{}).Process(context.Background(), []queue.Message{message(t, "a", event(1, at))}); err != nil || len(s.rows) != 1 {
		t.Errorf("%v, inserts %v", err, s.rows)
	}
}

func TestMessagesNearRetentionAreDeadLetteredInAnOutage(t *testing.T) {
	t.Parallel()
	s, dlq := &sink{answer: func(int, int) error { return errOutage }}, &letters{}
	now := at.Add(100 * time.Hour)
	c, err := consumer.New(consumer.Config{
		Sink: s, DeadLetter: dlq, InsertRetry: time.Minute, Retention: func() time.Duration { return 100 * time.Hour }, Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	old, young, unknown := message(t, "old", event(1, at)), message(t, "young", event(2, at)), message(t, "unknown", event(3, at))
	old.SentAt, young.SentAt = now.Add(-91*time.Hour), now.Add(-89*time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r, err := c.Process(ctx, []queue.Message{old, young, unknown})
	if err == nil {
		t.Error("the outage is not told")
	}
	if diff := cmp.Diff([]consumer.Verdict{consumer.Ack, consumer.Nack, consumer.Nack}, r.Verdicts); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	if f := dlq.failures(t); len(f) != 1 || f[0].Reason != queue.ReasonRetentionNear || string(f[0].Body) != old.Body {
		t.Errorf("failures %+v", f)
	}
}
