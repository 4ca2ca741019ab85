package producers_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
)

// SQS bills by 64 KB: packs fill three chunks, however well their events compress.
func TestPacksFillWhatIsBilled(t *testing.T) {
	t.Parallel()
	const billed = 64 << 10
	for name, c := range map[string]struct {
		event          func(r *rand.Rand, i int) envelope.ResourceEvent
		events, chunks int
		maxBody        int
	}{
		"well":           {func(r *rand.Rand, i int) envelope.ResourceEvent { return compressible(r, i, 1500, 100) }, 30_000, 3, 0},
		"hardly":         {func(_ *rand.Rand, i int) envelope.ResourceEvent { return incompressible(i, 900) }, 16_000, 3, 0},
		"a smaller body": {func(r *rand.Rand, i int) envelope.ResourceEvent { return compressible(r, i, 1500, 200) }, 10_000, 1, 100 << 10},
		"hardly, then well": {func(r *rand.Rand, i int) envelope.ResourceEvent {
			if i < 1000 {
				return incompressible(i, 900)
			}
			return compressible(r, i, 1500, 200)
		}, 20_000, 0, 20 << 10},
		"a body of no size": {func(_ *rand.Rand, i int) envelope.ResourceEvent { return incompressible(i, 900) }, 2000, 0, 20 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var sizes []int
			r := newRig(t, func(cfg *producers.PublisherConfig, r *rig) {
				cfg.MaxBody, cfg.Senders = c.maxBody, 2
				arrive := r.queue.into
				r.queue.into = func(t *testing.T, m queue.Outgoing) {
					mu.Lock()
					sizes = append(sizes, len(m.Body))
					mu.Unlock()
					arrive(t, m)
				}
			})
			random := rand.New(rand.NewPCG(1, 2))
			all := make([]envelope.ResourceEvent, c.events)
			for i := range all {
				all[i] = c.event(random, i)
				if err := r.Emit(t.Context(), all[i]); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.got.check(t, all, true)
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			// The first packs, before the ratio is known, and the last one may have any size.
			full := c.chunks * billed
			if full == 0 {
				full = c.maxBody
			}
			well := 0
			for _, n := range sizes {
				if n <= full && n > full*9/10 {
					well++
				}
			}
			if most := len(sizes); well < most*6/10 || most < 8 {
				t.Errorf("%d of %d packs fill %d bytes: %v", well, most, full, sizes)
			}
		})
	}
}

// compressible returns an event of about size bytes, some of them random.
func compressible(r *rand.Rand, i, size, noise int) envelope.ResourceEvent {
	e := incompressible(i, noise)
	for n := range max(0, size-noise) / 40 {
		e.Tags.Set(fmt.Sprintf("the-same-key-in-all-%03d", n), fmt.Sprintf("value-%02d", r.IntN(4)))
	}
	return e
}
