package cli

import (
	"context"
	"os"
	"testing"
	"time"
)

// An interrupt ends the part of a command that runs, else the command.
func TestInterruptEndsAPart(t *testing.T) {
	ctx, stop := withInterrupts(t.Context())
	defer stop()
	interrupt := func(ended context.Context) {
		t.Helper()
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Signal(os.Interrupt)
		}
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-ended.Done():
		case <-time.After(10 * time.Second):
			t.Fatal("an interrupt ends nothing")
		}
	}
	part, end := Part(ctx)
	interrupt(part)
	if ctx.Err() != nil {
		t.Fatal("the interrupt of a part ended the command")
	}
	end()
	_, end = Part(ctx)
	end()
	interrupt(ctx) // no part is running
}

// The second interrupt of a part ends the command.
func TestSecondInterruptEndsTheCommand(t *testing.T) {
	t.Parallel()
	in := &interrupts{}
	part, end := Part(context.WithValue(t.Context(), interruptsKey{}, in))
	defer end()
	if !in.endPart() || part.Err() == nil || in.endPart() {
		t.Error("the part is not ended once")
	}
}
