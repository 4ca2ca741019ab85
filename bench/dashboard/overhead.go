package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"polo/schema/queries"
)

// overhead asks questions in pairs, with and without the Worker, in turns, and prints the difference. A batch's
// CPU of workerd, over its questions, tells what one takes.
func (b *board) overhead(ctx context.Context, pairs int) error {
	worker, err := childOf(b.PID, isWorkerd)
	if err != nil {
		return err
	}
	fmt.Printf("%-20s %28s %28s %22s %22s\n", "question", "ClickHouse p50, p95 (ms)", "by the Worker p50, p95", "added at p50 (ms)", "CPU of workerd (ms)")
	for _, name := range []string{"accounts", "cost_by_dimension", "resource_list"} {
		q, err := queries.Named(name)
		if err != nil {
			return err
		}
		bound, err := q.Bind(nil, time.Now())
		if err != nil {
			return err
		}
		var with, without, cpu []float64
		batch := func(n int) error {
			before, err := worker.cpu()
			if err != nil {
				return err
			}
			for range n {
				took, err := b.ask(ctx, "/api/query/"+name, "")
				if err != nil {
					return err
				}
				with = append(with, ms(took))
				if took, err = b.askClickHouse(ctx, bound); err != nil {
					return err
				}
				without = append(without, ms(took))
			}
			after, err := worker.cpu()
			cpu = append(cpu, ms(after-before)/float64(n))
			return err
		}
		if err := batch(20); err != nil { // warms both
			return err
		}
		with, without, cpu = nil, nil, nil
		const size = 20
		var added []float64
		for range max(pairs/size, 5) {
			n := len(with)
			if err := batch(size); err != nil {
				return err
			}
			added = append(added, quantile(with[n:], .5)-quantile(without[n:], .5))
		}
		fmt.Printf("%-20s %28s %28s %22s %22s\n", name,
			fmt.Sprintf("%.1f, %.1f", quantile(without, .5), quantile(without, .95)), fmt.Sprintf("%.1f, %.1f", quantile(with, .5), quantile(with, .95)),
			fmt.Sprintf("%.1f (%.1f to %.1f)", quantile(added, .5), slices.Min(added), slices.Max(added)),
			fmt.Sprintf("%.1f (%.1f to %.1f)", quantile(cpu, .5), slices.Min(cpu), slices.Max(cpu)))
	}
	fmt.Printf("spreads are of batches of 20; rows with CPU are means of a batch\n\n")
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// quantile returns a quantile of values.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
