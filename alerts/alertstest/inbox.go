package alertstest

import (
	"context"
	"sync"

	"polo/alerts/channel"
)

// Inbox is a channel that keeps what it got, or answers as it is told.
type Inbox struct {
	mu  sync.Mutex
	got []channel.Message
	// answer decides about a message: whether it is kept, and the error.
	answer func(ctx context.Context, m channel.Message) (kept bool, err error)
}

// Answer sets how the next messages are answered; nil keeps them all.
func (i *Inbox) Answer(f func(ctx context.Context, m channel.Message) (kept bool, err error)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answer = f
}

// Send implements channel.Channel.
func (i *Inbox) Send(ctx context.Context, m channel.Message) error {
	i.mu.Lock()
	answer := i.answer
	i.mu.Unlock()
	kept, err := true, error(nil)
	if answer != nil {
		kept, err = answer(ctx, m)
	}
	if kept {
		i.mu.Lock()
		i.got = append(i.got, m)
		i.mu.Unlock()
	}
	return err
}

// Got returns the messages in the order of their arrival.
func (i *Inbox) Got() []channel.Message {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]channel.Message(nil), i.got...)
}
