// Command million times `polo ingest` on generated CloudTrail files: rows a second from
// files to ClickHouse, CPU seconds of Polo and of the engine separately, and peak
// memory. In the same run it times ClickHouse alone inserting the same rows from a file
// in its own format, which no pipeline can beat. Linux only: it reads /proc.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"polo/local/chdb"
	"polo/local/sample"
)

func main() {
	chdb.RunChild()
	records := flag.Int("records", 1_000_000, "records to generate")
	runs := flag.Int("runs", 3, "how often to measure")
	polo := flag.String("polo", "build/polo", "the binary")
	gzip := flag.Bool("gzip", true, "compressed input, as AWS delivers it")
	flag.Parse()
	if err := bench(context.Background(), *polo, *records, *runs, *gzip); err != nil {
		fmt.Fprintln(os.Stderr, "million:", err)
		os.Exit(1)
	}
}

// result is one measured run.
type result struct {
	events, inserted       int64
	seconds                float64
	poloCPU, engineCPU     float64
	poloMemory, engMemory  int64 // bytes
	ceilingSeconds         float64
	rowsPerSecond, ceiling float64
}

func bench(ctx context.Context, polo string, records, runs int, gzip bool) error {
	dir, err := os.MkdirTemp("", "polo-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	input := filepath.Join(dir, "input")
	day := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	made, err := sample.Write(ctx, sample.Options{Dir: input, Records: records, Seed: 1, Day: day, Gzip: gzip})
	if err != nil {
		return err
	}
	fmt.Printf("%d records (%d distinct) in %d files, %.1f MB; %d CPUs\n", made.Records, made.Distinct, made.Files, float64(made.Bytes)/1e6, runtime.NumCPU())
	var all []result
	for i := range runs {
		data := filepath.Join(dir, fmt.Sprint("data", i))
		r, err := measure(ctx, polo, data, input)
		if err != nil {
			return err
		}
		if r.ceilingSeconds, err = ceiling(ctx, data); err != nil {
			return err
		}
		r.rowsPerSecond = float64(r.events) / r.seconds
		r.ceiling = float64(r.inserted) / r.ceilingSeconds
		fmt.Printf("run %d: %d events in %.2f s: %.0f rows/s; CPU-seconds: polo %.1f, engine %.1f; peak memory: polo %d MB, engine %d MB; ClickHouse alone %.2f s: %.0f rows/s; ratio %.3f\n",
			i+1, r.events, r.seconds, r.rowsPerSecond, r.poloCPU, r.engineCPU, r.poloMemory>>20, r.engMemory>>20, r.ceilingSeconds, r.ceiling, r.rowsPerSecond/r.ceiling)
		all = append(all, r)
		if err := os.RemoveAll(data); err != nil {
			return err
		}
	}
	spread := func(name, unit string, of func(result) float64) {
		v := make([]float64, len(all))
		for i, r := range all {
			v[i] = of(r)
		}
		slices.Sort(v)
		fmt.Printf("%-28s median %.2f, from %.2f to %.2f %s\n", name, v[len(v)/2], v[0], v[len(v)-1], unit)
	}
	spread("end to end", "rows/s", func(r result) float64 { return r.rowsPerSecond })
	spread("CPU per million events", "CPU-seconds", func(r result) float64 { return (r.poloCPU + r.engineCPU) / float64(r.events) * 1e6 })
	spread("ratio to ClickHouse alone", "", func(r result) float64 { return r.rowsPerSecond / r.ceiling })
	return nil
}

// measure runs one ingest and watches both processes.
func measure(ctx context.Context, polo, data, input string) (result, error) {
	var out strings.Builder
	cmd := exec.CommandContext(ctx, polo, "ingest", "--data", data, "--input", input, "--json")
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Start(); err != nil {
		return result{}, err
	}
	var r result
	stop := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watch(cmd.Process.Pid, &r, stop)
	}()
	err := cmd.Wait()
	close(stop)
	<-watched
	if err != nil {
		return result{}, fmt.Errorf("polo ingest: %w", err)
	}
	var s struct {
		Published, Inserted, Failed int64
		Seconds                     float64
	}
	if err := json.Unmarshal([]byte(out.String()), &s); err != nil {
		return result{}, fmt.Errorf("reading the summary: %w", err)
	}
	if s.Failed > 0 {
		return result{}, fmt.Errorf("%d records failed", s.Failed)
	}
	r.events, r.inserted, r.seconds = s.Published, s.Inserted, s.Seconds
	return r, nil
}

// watch samples the CPU time and the peak memory of polo and of its only child, the
// engine, until stop.
func watch(pid int, r *result, stop <-chan struct{}) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if cpu, rss, ok := usage(pid); ok {
			r.poloCPU, r.poloMemory = cpu, max(r.poloMemory, rss)
		}
		for _, child := range children(pid) {
			if cpu, rss, ok := usage(child); ok {
				r.engineCPU, r.engMemory = cpu, max(r.engMemory, rss)
			}
		}
	}
}
