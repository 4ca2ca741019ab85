package main

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/local/sqsserver"
)

// refuser is a consumer that sends everything back to the dead-letter queue.
type refuser struct {
	sends atomic.Int64 // messages received
	stop  func()
}

// refuse starts one. as makes the failure of a message.
func (b *broker) refuse(t *testing.T, as func(queue.Message) queue.Failure) *refuser {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &refuser{}
	var working sync.WaitGroup
	working.Go(func() {
		for ctx.Err() == nil {
			got, err := b.main.Receive(context.WithoutCancel(ctx), 10, 0)
			if err != nil {
				t.Error(err)
				return
			}
			for _, m := range got {
				if !strings.Contains(m.Body, `"dlq.`) {
					r.sends.Add(1)
					f := as(m)
					f.ReplayCount, _ = strconv.Atoi(m.Attributes[queue.AttrReplayCount])
					b.fail(t, f)
				}
				if errs := b.main.DeleteBatch(context.WithoutCancel(ctx), []string{m.Receipt}); errs != nil {
					t.Error(errs)
				}
			}
		}
	})
	r.stop = func() { cancel(); working.Wait() }
	t.Cleanup(r.stop)
	return r
}

// A run does not send again what it sent and what failed again meanwhile, whether an event or
// content that does not decode. A letter that is in the queue twice is sent twice, because it did
// not fail again.
func TestFailedAgainIsNotSentAgain(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	const letters = 60
	for i := range letters {
		switch {
		case i%3 == 0:
			b.fail(t, queue.Failure{Reason: queue.ReasonRefusedEvent, Err: "e", Unit: queue.UnitPack, Body: []byte("no pack " + strconv.Itoa(i)), LastSeen: at, ReplayCount: i % 2})
		case i < 4:
			b.fail(t, failure(queue.ReasonRefusedEvent, event(0)))
		default:
			b.fail(t, failure(queue.ReasonRefusedEvent, event(i), func(f *queue.Failure) { f.ReplayCount = i % 2 }))
		}
	}
	d, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		t.Fatal(err)
	}
	consumer := b.refuse(t, func(m queue.Message) queue.Failure {
		f := queue.Failure{Reason: queue.ReasonRefusedEvent, Err: "again", Unit: queue.UnitPack, Body: []byte(m.Body), LastSeen: time.Now()}
		if p, err := d.Decode(f.Body); err == nil {
			f.Unit, f.Body = queue.UnitEvent, p.Lines[0].Raw
		}
		return f
	})
	out, code := b.run(t, "replay", "--reason", "refused_event", "--apply", "--journal", filepath.Join(t.TempDir(), "j"), "--rate", "50", "--slow-start", "0s")
	if code != 0 || !strings.Contains(out, "failed again, and stay") {
		t.Errorf("exit code %d: %s", code, out)
	}
	for until := time.Now().Add(5 * time.Second); consumer.sends.Load() < letters && time.Now().Before(until); {
		time.Sleep(20 * time.Millisecond)
	}
	consumer.stop()
	if n := consumer.sends.Load(); n != letters {
		t.Errorf("%d letters, and one run sent %d messages", letters, n)
	}
}
