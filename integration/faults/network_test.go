package faults_test

import (
	"testing"
	"time"
)

// The network between the consumer and ClickHouse breaks, loses responses, stalls and
// slows down, during inserts.
func TestNetworkToClickHouse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		harm func(p *proxy)
	}{
		{"cut", func(p *proxy) {
			p.awaitTraffic()
			p.cut()
		}},
		{"refused for a while", func(p *proxy) {
			p.set(func(p *proxy) { p.refuse = true })
			p.cut()
			time.Sleep(1500 * time.Millisecond)
		}},
		{"the acknowledge is lost", func(p *proxy) {
			p.set(func(p *proxy) { p.deaf = true })
			time.Sleep(700 * time.Millisecond)
			p.cut()
		}},
		{"slow", func(p *proxy) {
			p.set(func(p *proxy) { p.slow = 3 * time.Millisecond })
			time.Sleep(1500 * time.Millisecond)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			random := seedOf(t)
			r := newRig(t)
			consumer := r.startConsumer(t)
			bodies := packsOf(t, random, workload(), 40)
			for i := range 5 {
				r.send(t, bodies[i*len(bodies)/5:(i+1)*len(bodies)/5]...)
				time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
				c.harm(r.proxy)
				r.proxy.heal()
			}
			r.awaitEmpty(t)
			consumer.stop(t)
			r.wantUndisturbed(t)
		})
	}
}
