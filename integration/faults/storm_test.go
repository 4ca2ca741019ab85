package faults_test

import (
	"testing"
)

// Every message comes one to five times, the statements in them regrouped each
// time, and all of it in any order.
func TestDuplicateStorm(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	r := newRig(t)
	var bodies []string
	for range 1 + random.IntN(5) {
		bodies = append(bodies, packsOf(t, random, workload(), 120)...)
	}
	random.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	r.send(t, bodies...)
	c := r.startConsumer(t)
	r.awaitEmpty(t)
	c.stop(t)
	r.wantUndisturbed(t)
}
