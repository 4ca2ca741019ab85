package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"polo/internal/cli"
	"polo/internal/queue"
)

// maxExamples bounds the failures that a summary names.
const maxExamples = 3

// failures are some of the failures that a run sent to the dead-letter queue, for its summary.
type failures struct {
	Examples []example `json:"examples,omitempty"`
	// Look are the commands that show them all; the second works while the first runs.
	Look []string `json:"look"`
}

// example is one failure.
type example struct {
	// Origin is the file and the place in it, or the queue.
	Origin string `json:"origin"`
	Reason string `json:"reason"`
	Error  string `json:"error"`
}

// failed collects the first failures that the dead-letter queue acknowledged.
type failed struct {
	mu       sync.Mutex
	examples []example
	// damaged are the first files that could not be read, or not to their end.
	damaged []string
}

func (f *failed) note(out queue.Outgoing) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.examples) == maxExamples && len(f.damaged) == maxExamples {
		return
	}
	got, err := queue.ParseFailure(queue.Message{Body: out.Body, Attributes: out.Attributes})
	if err != nil {
		return // it is still counted
	}
	if got.Reason == queue.ReasonUnreadableFile && len(f.damaged) < maxExamples {
		f.damaged = append(f.damaged, got.Origin)
	}
	if len(f.examples) == maxExamples {
		return
	}
	// The error's text begins with the file and the reason.
	file, _, _ := strings.Cut(got.Origin, "#")
	text := strings.TrimPrefix(strings.TrimPrefix(got.Err, file+": "), string(got.Reason)+": ")
	f.examples = append(f.examples, example{Origin: got.Origin, Reason: string(got.Reason), Error: text})
}

// summary returns nil if nothing failed. joined reports that another process runs the stack, and
// continues.
func (f *failed) summary(data dataDir, letters int64, joined bool) *failures {
	if letters == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	out := &failures{Examples: f.examples}
	if !joined {
		out.Look = append(out.Look, cli.CommandOf("polo")+" up --data "+cli.Quote(string(data)))
	}
	out.Look = append(out.Look, cli.CommandOf("dlq-replay")+" --data "+cli.Quote(string(data))+" list")
	return out
}

func (f *failures) print(e *env) error {
	for _, x := range f.Examples {
		if _, err := fmt.Fprintf(e.Stdout, "  %s: %s: %s\n", x.Origin, x.Reason, x.Error); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintln(e.Stdout, "To see and fix them all, run each in its own terminal:"); err != nil {
		return err
	}
	for _, command := range f.Look {
		if _, err := fmt.Fprintln(e.Stdout, "  "+command); err != nil {
			return err
		}
	}
	return nil
}

// noting is a dead-letter queue that records its first failures.
type noting struct {
	queue.Sender
	failed *failed
}

// SendBatch implements queue.Sender.
func (n noting) SendBatch(ctx context.Context, batch []queue.Outgoing) []error {
	errs := n.Sender.SendBatch(ctx, batch)
	for i := range batch {
		if i >= len(errs) || errs[i] == nil {
			n.failed.note(batch[i])
		}
	}
	return errs
}
