// Command measure generates a large bill, or reads one and prints the speed and the peak memory.
// Run it twice, so that the memory for generating is not counted:
//
//	measure -dir DIR -make cur1|cur2|cur2-no-ids|focus [-lines 5000000] [-files 10]
//	measure -dir DIR
//
// Events are encoded and packed as for the queue, and then discarded.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"polo/internal/queue"
	"polo/producers"
	"polo/producers/cur"
	"polo/producers/cur/curtest"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("measure", flag.ContinueOnError)
	dir := flags.String("dir", "", "the folder of the bill")
	form := flags.String("make", "", "the form to make it in: cur1, cur2, cur2-no-ids or focus")
	lines := flags.Int("lines", 5_000_000, "how many lines to make")
	files := flags.Int("files", 10, "how many files to make")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" {
		return errors.New("give a folder with -dir")
	}
	if *form != "" {
		b := curtest.Small()
		b.Lines, b.Files = *lines, *files
		return write(b, *form, *dir)
	}
	return read(ctx, *dir, out)
}

func write(b curtest.Bill, form, dir string) error {
	switch form {
	case "cur1":
		return b.CUR1(dir, "20260302T040000Z")
	case "cur2", "cur2-no-ids":
		return b.CUR2(dir, "2026-03-02T04:00:00.000Z-1", form == "cur2-no-ids")
	case "focus":
		f, err := os.Create(filepath.Join(dir, "focus.csv"))
		if err != nil {
			return fmt.Errorf("making a file: %w", err)
		}
		return errors.Join(b.FOCUS(f), f.Close())
	}
	return fmt.Errorf("no form %q", form)
}

func read(ctx context.Context, dir string, out io.Writer) error {
	p, err := producers.NewPublisher(producers.PublisherConfig{Source: cur.Source, Queue: sink{}, DeadLetter: sink{}})
	if err != nil {
		return err
	}
	began := time.Now()
	s, err := cur.Files{Input: dir, Identity: producers.DefaultIdentity()}.Collect(ctx, p)
	if err = errors.Join(err, p.Close()); err != nil {
		return err
	}
	wall := time.Since(began).Seconds()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return fmt.Errorf("reading the resource usage: %w", err)
	}
	cpu := float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
	fmt.Fprintf(out, "%d lines, %d events in %.1f s: %.0f lines/s; %.1f CPU-seconds: %.0f lines per CPU-second; %s\n",
		s.Lines, s.Events, wall, float64(s.Lines)/wall, cpu, float64(s.Lines)/cpu, peak())
	for _, sum := range s.Sums {
		fmt.Fprintf(out, "%s %s: %s\n", sum.BillingPeriod, sum.Currency, sum.Cost)
	}
	for _, b := range s.Bills {
		fmt.Fprintf(out, "bill %s of %s: %d lines, complete: %t\n", b.BillingPeriod, b.Payer, b.Lines, b.Complete)
	}
	return nil
}

// peak returns the peak memory of the process, if /proc has it.
func peak() string {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "peak memory unknown"
	}
	_, rest, _ := strings.Cut(string(data), "VmHWM:")
	size, _, _ := strings.Cut(rest, "\n")
	return "peak RSS " + strings.TrimSpace(size)
}

// sink discards every message.
type sink struct{}

func (sink) Limits() queue.Limits {
	return queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: 1 << 20}
}

func (sink) SendBatch(_ context.Context, batch []queue.Outgoing) []error {
	return make([]error, len(batch))
}
