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
	if err := b.apart(ctx, worker); err != nil {
		return err
	}
	fmt.Printf("spreads are of batches of 20; CPU is a batch's mean\n\n")
	return nil
}

// apart prints what the parts take that no question is asked of: the front door of polo up, which Cloudflare's own takes the place of,
// with a file; and with it the Worker, which verifies the token.
func (b *board) apart(ctx context.Context, worker process) error {
	for _, part := range []struct{ name, path string }{{"a file", "/favicon.svg"}, {"who am I", "/api/me"}} {
		before, err := worker.cpu()
		if err != nil {
			return err
		}
		const n = 200
		var took []float64
		for range n {
			t, err := b.ask(ctx, part.path, "")
			if err != nil {
				return err
			}
			took = append(took, ms(t))
		}
		after, err := worker.cpu()
		if err != nil {
			return err
		}
		fmt.Printf("%-20s %28s %28s %22s %22.1f\n", part.name, "", fmt.Sprintf("%.1f, %.1f", quantile(took, .5), quantile(took, .95)), "", ms(after-before)/n)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// quantile returns a quantile of values.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
