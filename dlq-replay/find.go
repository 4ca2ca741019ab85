package main

import (
	"context"
	"sync"

	"polo/dlq-replay/replay"
	"polo/internal/queue"
)

// find reads at most max matching letters (0: all), and returns all to the queue. It finds one of
// several equal copies, unless they are selected by id.
func find(ctx context.Context, o *opened, f replay.Filter, most int) ([]replay.Letter, error) {
	match := f.Matcher()
	var mu sync.Mutex
	var found []replay.Letter
	seen := map[queue.Key]bool{}
	err := look(ctx, o, func(l replay.Letter) error {
		if !match(&l) {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		if most > 0 && len(found) == most {
			return replay.ErrEnough
		}
		if key := l.Key(); len(f.IDs) == 0 {
			if seen[key] {
				return nil
			}
			seen[key] = true
		}
		found = append(found, l)
		if len(found) == most {
			return replay.ErrEnough
		}
		return nil
	})
	return found, err
}
