package sqsserver

import (
	"math/rand/v2"
	"sync"
)

// Faults are injected into responses. Each figure is a probability from 0 to 1. The same seed and the same sequence
// of requests give the same faults.
type Faults struct {
	Seed uint64
	// Duplicate is the chance that a receive also delivers a recently received message, in flight or even deleted. A
	// message is repeated at most twice.
	Duplicate float64
	// Reorder is the chance, per message, that a receive takes one out of order.
	Reorder float64
	// Throttle is the chance that a request is throttled, which SDKs retry.
	Throttle float64
	// ServerError is the chance of a 5xx instead of the action.
	ServerError float64
	// PartialBatch is the chance, per entry of a batch, that the entry fails without being the sender's fault and is
	// not applied.
	PartialBatch float64
	// LostAck is the chance that a send or delete is done but gets a 5xx.
	LostAck float64
}

// maxRepetitions bounds how often the Duplicate fault delivers one message again.
const maxRepetitions = 2

// maxRecent bounds how many messages per queue the Duplicate fault chooses from.
const maxRecent = 64

// dice draws the faults.
type dice struct {
	mu     sync.Mutex
	faults Faults
	random *rand.Rand
}

func (d *dice) set(f Faults) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = f
	d.random = rand.New(rand.NewPCG(f.Seed, 0x9e3779b97f4a7c15))
}

// roll reports whether the fault that chance selects happens. It draws nothing for a fault that is off, so that
// faults do not change one another's sequence.
func (d *dice) roll(chance func(*Faults) float64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := chance(&d.faults)
	return p > 0 && d.random.Float64() < p
}

// pick chooses one of n things.
func (d *dice) pick(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.random.IntN(n)
}

// refuse returns the error of a request that a fault stops before anything is done.
func (d *dice) refuse() *apiError {
	switch {
	case d.roll(func(f *Faults) float64 { return f.Throttle }):
		return errThrottled()
	case d.roll(func(f *Faults) float64 { return f.ServerError }):
		return errUnavailable()
	}
	return nil
}

func (d *dice) lostAck() bool {
	return d.roll(func(f *Faults) float64 { return f.LostAck })
}

func (d *dice) failEntry() bool {
	return d.roll(func(f *Faults) float64 { return f.PartialBatch })
}

// order chooses which of the first n messages in line to take.
func (d *dice) order(n int) int {
	if n > 1 && d.roll(func(f *Faults) float64 { return f.Reorder }) {
		return d.pick(n)
	}
	return 0
}

func (d *dice) duplicates() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.faults.Duplicate > 0
}

func (d *dice) repeat() bool {
	return d.roll(func(f *Faults) float64 { return f.Duplicate })
}
