package faults_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"polo/envelope"
	"polo/internal/queue"
)

// The consumer is killed with kill -9 at the worst moments, again and again.
func TestConsumerIsKilled(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"before_insert", "after_insert"} {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			random := seedOf(t)
			r := newRig(t)
			r.send(t, packsOf(t, random, workload(), 120)...)
			for range 4 {
				c := r.startConsumer(t, func(o *order) { o.Die, o.At = moment, 1+random.Int32N(2) })
				c.awaitExit(t)
			}
			c := r.startConsumer(t)
			r.awaitEmpty(t)
			c.stop(t)
			r.wantUndisturbed(t)
		})
	}
}

// The consumer is killed when only some of a batch's letters are in the dead-letter
// queue. In the end each is there, some perhaps more than once.
func TestConsumerIsKilledWhileItSendsFailures(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	r := newRig(t)
	r.send(t, packsOf(t, random, workload(), 120)...)
	want := map[string]bool{}
	for i := range 100 {
		body := fmt.Sprintf("no pack %d", i)
		want[body] = true
		r.send(t, body)
	}
	for range 3 {
		c := r.startConsumer(t, func(o *order) { o.Die, o.At = "in_dlq_send", 1 })
		c.awaitExit(t)
	}
	c := r.startConsumer(t)
	r.awaitEmpty(t)
	c.stop(t)
	got := map[string]bool{}
	for _, f := range r.letters(t) {
		if f.Reason != queue.ReasonMalformedPack || !want[string(f.Body)] {
			t.Errorf("failure %s %q", f.Reason, f.Body)
		}
		got[string(f.Body)] = true
	}
	if len(got) != len(want) {
		t.Errorf("%d of %d failures are in the dead-letter queue", len(got), len(want))
	}
	r.wantUndisturbed(t)
}

// ClickHouse is killed with kill -9 during inserts.
func TestClickHouseIsKilled(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	r := newRig(t)
	bodies := packsOf(t, random, workload(), 40)
	c := r.startConsumer(t)
	for i := range 4 {
		r.send(t, bodies[i*len(bodies)/4:(i+1)*len(bodies)/4]...)
		time.Sleep(time.Duration(random.IntN(150)) * time.Millisecond)
		r.killEngine(t)
		time.Sleep(time.Duration(random.IntN(500)) * time.Millisecond)
		r.startEngine(t)
	}
	r.awaitEmpty(t)
	c.stop(t)
	r.wantUndisturbed(t)
}

// A consumer pauses for longer than its messages' visibility timeout; another receives
// them; then the first continues as if nothing had happened.
func TestVisibilityExpiresInMidFlight(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	r := newRig(t)
	r.proxy.set(func(p *proxy) { p.slow = 2 * time.Millisecond })
	r.send(t, packsOf(t, random, workload(), 120)...)
	first := r.startConsumer(t)
	time.Sleep(400 * time.Millisecond)
	first.signal(t, syscall.SIGSTOP)
	time.Sleep(visibility + 500*time.Millisecond)
	second := r.startConsumer(t, func(o *order) { o.CrashLog += ".2" })
	time.Sleep(500 * time.Millisecond)
	first.signal(t, syscall.SIGCONT)
	r.proxy.heal()
	r.awaitEmpty(t)
	first.stop(t)
	second.stop(t)
	r.wantUndisturbed(t)
}

// Three consumers share a queue that duplicates and reorders its deliveries.
func TestSeveralConsumersShareAQueue(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	r := newRig(t)
	var all []*process
	for i := range 3 {
		all = append(all, r.startConsumer(t, func(o *order) { o.CrashLog += fmt.Sprint(i) }))
	}
	for range 2 {
		r.send(t, packsOf(t, random, workload(), 60)...)
	}
	r.awaitEmpty(t)
	for _, c := range all {
		c.stop(t)
	}
	r.wantUndisturbed(t)
}

// A message that crashes the consumer each time does not keep the others from being
// inserted, and ends in the dead-letter queue with its reason.
func TestMessageThatCrashesTheConsumer(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	r := newRig(t)
	e := envelope.ResourceEvent{
		EventID: envelope.NewEventID("test", day, "killer"), EventType: "test.killer", Source: "test", TS: day, ObservedAt: day, ResourceName: "killer",
	}
	killer := packsOf(t, random, [][]byte{e.AppendJSON(nil)}, 1)[0]
	r.send(t, append(packsOf(t, random, workload(), 120), killer)...)
	crashes := 0
	for ; crashes < 12; crashes++ {
		c := r.startConsumer(t, func(o *order) { o.Killer = e.ResourceName })
		empty := make(chan struct{})
		go func() {
			defer close(empty)
			for {
				stats, err := r.queue.Stats(t.Context())
				if err != nil || stats.Empty() {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
		}()
		select {
		case <-c.exited:
			continue
		case <-empty:
		}
		c.stop(t)
		break
	}
	f := r.letters(t)
	if len(f) != 1 || f[0].Reason != queue.ReasonCrashesConsumer || string(f[0].Body) != killer || !strings.Contains(f[0].Err, "alone") {
		t.Fatalf("after %d crashes: failures %+v", crashes, f)
	}
	if crashes < 3 || crashes > 5 {
		t.Errorf("given up after %d crashes", crashes)
	}
	r.wantUndisturbed(t)
}
