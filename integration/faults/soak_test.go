package faults_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/local/sqsserver"
)

// harm is a fault that lasts for a while.
type harm struct {
	name string
	do   func(t *testing.T, s *soak)
}

// soak is a long run under random faults.
type soak struct {
	*rig
	random    *rand.Rand
	consumers [2]*process
	sent      []string
	happened  map[string]int
}

func (s *soak) pause(most time.Duration) { time.Sleep(time.Duration(s.random.Int64N(int64(most)))) }

// restart restarts a consumer with its own crash log.
func (s *soak) restart(t *testing.T, i int) {
	s.consumers[i] = s.startConsumer(t, func(o *order) { o.CrashLog += fmt.Sprint(i) })
}

func harms() []harm {
	anyConsumer := func(s *soak) int { return s.random.IntN(len(s.consumers)) }
	return []harm{
		{"consumer killed", func(t *testing.T, s *soak) {
			i := anyConsumer(s)
			s.consumers[i].kill(t)
			s.pause(300 * time.Millisecond)
			s.restart(t, i)
		}},
		{"consumer redeployed", func(t *testing.T, s *soak) {
			i := anyConsumer(s)
			s.consumers[i].stop(t)
			s.restart(t, i)
		}},
		{"consumer frozen", func(t *testing.T, s *soak) {
			c := s.consumers[anyConsumer(s)]
			c.signal(t, syscall.SIGSTOP)
			s.pause(2 * visibility)
			c.signal(t, syscall.SIGCONT)
		}},
		{"ClickHouse killed", func(t *testing.T, s *soak) {
			s.killEngine(t)
			s.pause(time.Second)
			s.startEngine(t)
		}},
		{"ClickHouse restarted", func(t *testing.T, s *soak) {
			s.proxy.cut() // the engine waits for open connections before it ends
			if err := s.engine().Stop(); err != nil {
				t.Error(err)
			}
			s.startEngine(t)
		}},
		{"network cut", func(_ *testing.T, s *soak) { s.proxy.cut() }},
		{"network gone", func(_ *testing.T, s *soak) {
			s.proxy.set(func(p *proxy) { p.refuse = true })
			s.proxy.cut()
			s.pause(2 * time.Second)
			s.proxy.heal()
		}},
		{"acknowledge lost", func(_ *testing.T, s *soak) {
			s.proxy.set(func(p *proxy) { p.deaf = true })
			s.pause(time.Second)
			s.proxy.cut()
			s.proxy.heal()
		}},
		{"network slow", func(_ *testing.T, s *soak) {
			s.proxy.set(func(p *proxy) { p.slow = time.Millisecond })
			s.pause(2 * time.Second)
			s.proxy.heal()
		}},
		{"queue faults", func(_ *testing.T, s *soak) {
			s.server.SetFaults(sqsserver.Faults{
				Seed: s.random.Uint64(), Throttle: 0.2, ServerError: 0.2, PartialBatch: 0.2, LostAck: 0.2, Duplicate: 0.3, Reorder: 0.5,
			})
			s.pause(2 * time.Second)
			s.server.SetFaults(sqsserver.Faults{})
		}},
		{"too many parts", func(t *testing.T, s *soak) {
			s.exec(t, "ALTER TABLE resource_events MODIFY SETTING parts_to_throw_insert = 1, parts_to_delay_insert = 1")
			s.pause(2 * time.Second)
			s.exec(t, "ALTER TABLE resource_events RESET SETTING parts_to_throw_insert, parts_to_delay_insert")
		}},
		{"messages sent again", func(t *testing.T, s *soak) {
			for range 20 {
				if len(s.sent) > 0 {
					s.send(t, s.sent[s.random.IntN(len(s.sent))])
				}
			}
		}},
	}
}

// TestSoak sends a workload under random faults, by seed: the tables must equal those
// of an undisturbed run. POLO_SOAK sets its duration; it then sends 100,000 statements.
func TestSoak(t *testing.T) {
	length, n := 15*time.Second, statements
	if text := os.Getenv("POLO_SOAK"); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatalf("POLO_SOAK: %v", err)
		}
		n = 100_000
	}
	random := seedOf(t)
	lines := workloadOf(n, 5)
	want := quietContent(t, random, lines)

	s := &soak{rig: newRig(t), random: random, happened: map[string]int{}}
	for i := range s.consumers {
		s.restart(t, i)
	}
	all := harms()
	bodies := packsOf(t, random, lines, 200)
	started := time.Now()
	for time.Since(started) < length {
		// Send in proportion to the time passed.
		due := int(float64(len(bodies)) * min(1, float64(time.Since(started))/float64(length)*1.1))
		if due > len(s.sent) {
			s.send(t, bodies[len(s.sent):due]...)
			s.sent = bodies[:due]
		}
		h := all[random.IntN(len(all))]
		s.happened[h.name]++
		h.do(t, s)
		if t.Failed() {
			return
		}
		s.pause(300 * time.Millisecond)
	}
	s.send(t, bodies[len(s.sent):]...)
	s.awaitEmpty(t)
	for _, c := range s.consumers {
		c.stop(t)
	}
	total := 0
	for _, name := range slices.Sorted(maps.Keys(s.happened)) {
		t.Logf("%4d times: %s", s.happened[name], name)
		total += s.happened[name]
	}
	t.Logf("%d faults over %d statements in %s", total, n, time.Since(started).Round(time.Second))
	if diff := cmp.Diff(want, s.content(t)); diff != "" {
		t.Errorf("the tables differ from an undisturbed run's (-undisturbed +got):\n%s", diff)
	}
	if f := s.letters(t); len(f) > 0 {
		t.Errorf("%d failures, the first: %s %s", len(f), f[0].Reason, f[0].Err)
	}
}
