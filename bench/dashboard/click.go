package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// atOnce is how many requests a browser sends to one host at once.
const atOnce = 6

// think is how long a person looks at a page, at least; at most it is three times as long.
const think = 500 * time.Millisecond

// click lets users open pages for a while, each asking for what the page asks for, and prints what they waited.
func (b *board) click(ctx context.Context, pages map[string][]string, users int, span time.Duration) error {
	engine, err := childOf(b.PID, isEngine)
	if err != nil {
		return err
	}
	before, err := engine.cpu()
	if err != nil {
		return err
	}
	var mu sync.Mutex
	took := map[string][]float64{} // of each page: until its last tile has its answer
	var tiles []float64
	failed := map[string]int{}
	begin := time.Now()
	names := slices.Sorted(maps.Keys(pages))
	var people sync.WaitGroup
	for user := range users {
		people.Go(func() {
			dice := rand.New(rand.NewPCG(1, uint64(user)))
			for ctx.Err() == nil && time.Since(begin) < span {
				page := names[dice.IntN(len(names))]
				start := time.Now()
				var tab sync.WaitGroup
				slots := make(chan struct{}, atOnce)
				for i, path := range pages[page] {
					tab.Go(func() {
						slots <- struct{}{}
						defer func() { <-slots }()
						t, err := b.ask(ctx, path, fmt.Sprintf("user%d.%s.%d", user, strings.Trim(page, "/"), i))
						mu.Lock()
						defer mu.Unlock()
						if err != nil {
							failed[err.Error()]++
							return
						}
						tiles = append(tiles, ms(t))
					})
				}
				tab.Wait()
				mu.Lock()
				took[page] = append(took[page], ms(time.Since(start)))
				mu.Unlock()
				time.Sleep(think + time.Duration(dice.Int64N(int64(2*think))))
			}
		})
	}
	people.Wait()
	after, err := engine.cpu()
	if err != nil {
		return err
	}
	wall := time.Since(begin)
	fmt.Printf("%d users for %.0f s: %d answers, %.0f a second; ClickHouse took %.2f cores\n", users, wall.Seconds(), len(tiles), float64(len(tiles))/wall.Seconds(), (after-before).Seconds()/wall.Seconds())
	fmt.Printf("%-24s %8s %10s %10s\n", "page, until all is there", "opened", "p50 (ms)", "p95 (ms)")
	for _, page := range names {
		if t := took[page]; len(t) > 0 {
			fmt.Printf("%-24s %8d %10.0f %10.0f\n", page, len(t), quantile(t, .5), quantile(t, .95))
		}
	}
	fmt.Printf("%-24s %8d %10.0f %10.0f\n", "a tile", len(tiles), quantile(tiles, .5), quantile(tiles, .95))
	for text, n := range failed {
		fmt.Printf("failed %d times: %s\n", n, text)
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d requests failed", len(failed))
	}
	return nil
}
