package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// interrupts decides what the next Ctrl-C ends.
type interrupts struct {
	mu sync.Mutex
	// part cancels a part of the command; nil if an interrupt ends the whole command.
	part context.CancelFunc
}

type interruptsKey struct{}

// withInterrupts returns a context that is cancelled by SIGTERM, and by an interrupt that ends no part of
// the command. A further signal then ends the program at once.
func withInterrupts(parent context.Context) (_ context.Context, stop func()) {
	in := &interrupts{}
	ctx, cancel := context.WithCancel(context.WithValue(parent, interruptsKey{}, in))
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer signal.Stop(signals)
		for {
			select {
			case s := <-signals:
				if s == os.Interrupt && in.endPart() {
					continue
				}
				cancel()
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, cancel
}

// endPart cancels the part of the command that an interrupt ends, and reports whether there is one.
func (in *interrupts) endPart() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	part := in.part
	if in.part = nil; part == nil {
		return false
	}
	part()
	return true
}

// Part returns the context of a part of a command, such as one query of a session: the next interrupt
// cancels it instead of the command. Until end is called there is no other part. A second interrupt ends
// the command.
func Part(ctx context.Context) (_ context.Context, end func()) {
	part, cancel := context.WithCancel(ctx)
	in, ok := ctx.Value(interruptsKey{}).(*interrupts)
	if !ok {
		return part, cancel
	}
	set := func(f context.CancelFunc) {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.part = f
	}
	set(cancel)
	return part, func() {
		set(nil)
		cancel()
	}
}
