package recorded

import (
	"context"
	"errors"
	"fmt"
	"time"

	"polo/internal/queue"
	"polo/producers"
	"polo/producers/inventory"
	"polo/producers/recording"
	"polo/producers/tree"
)

// maxFile bounds a response in bytes, maxValues in JSON values, each of which takes some hundred
// bytes of memory. A page of any call is far smaller; the CLI may have joined all pages.
const (
	maxFile   = 64 << 20
	maxValues = 1_500_000
)

// maxBody bounds how much of a file a failure holds, so that it fits a message.
const maxBody = 512 << 10

// Files collects recordings.
type Files struct {
	// Tree holds them, Names are the files to read.
	Tree  tree.Tree
	Names []string
	// AccountID and Region apply to recordings that do not state their own.
	AccountID, Region string
	// At is the time of recordings that do not state their own; zero means recording.Undated.
	At time.Time
	// ObservedAt is when this collection began: the time of its failures. Events have the time
	// of their recording.
	ObservedAt time.Time
	Identity   producers.Identity
}

// Summary is the result of a collection.
type Summary struct {
	// Files were read; they held Items, which became Events.
	Files, Items, Events int
	// Left counts files and items that became no event and are no failure: recorded errors,
	// calls that nothing reads.
	Left []Left
	// Undated counts the responses that became events although neither they nor At state their
	// time.
	Undated int
	// Views counts lines of Cost Explorer that repeat money stated elsewhere. Uncounted are
	// those of them whose time no other response states by days.
	Views, Uncounted int
	// Rejected counts the letters by reason.
	Rejected map[queue.Reason]int
	// Calls counts the files by call.
	Calls map[string]int
}

// Collect reads the files and emits their events. An error is the emitter's, or of reading a
// file.
func (f Files) Collect(ctx context.Context, emitter producers.FlushingEmitter) (Summary, error) {
	c := collection{
		Files: f, emitter: emitter, rejects: producers.NewFileRejects(emitter.Reject),
		sum: Summary{Rejected: map[queue.Reason]int{}, Calls: map[string]int{}},
	}
	var err error
	if c.inventory, err = inventory.NewNormaliser(); err != nil {
		return c.sum, fmt.Errorf("preparing to read recordings: %w", err)
	}
	if c.undated = c.At.IsZero(); c.undated {
		c.At = recording.Undated()
	}
	for _, name := range f.Names {
		if err := c.file(ctx, name); err != nil {
			return c.sum, err
		}
		if err := c.rejects.Done(ctx, name); err != nil {
			return c.sum, err
		}
	}
	if err := c.emitCosts(ctx); err != nil {
		return c.sum, err
	}
	if err := c.emitCompletions(ctx); err != nil {
		return c.sum, err
	}
	return c.sum, c.rejects.Close(ctx)
}

// collection is the state of a Collect.
type collection struct {
	Files
	emitter   producers.FlushingEmitter
	costs     costs
	rejects   *producers.FileRejects
	next      int64 // the offset of the file's next failure
	inventory *inventory.Normaliser
	// lists are those of recordings that state where they are from.
	lists map[list]pages
	// undated is set if At is: only a recording itself may state its time.
	undated bool
	// lastUndated is the last response counted in Undated.
	lastUndated string
	sum         Summary
}

func (c *collection) file(ctx context.Context, name string) error {
	c.sum.Files++
	c.next = 0
	data, err := c.read(ctx, name)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return c.reject(ctx, name, queue.Failure{Reason: queue.ReasonUnreadableFile, Err: err.Error(), Body: data})
	}
	service, call, ok := callOf(name)
	a := answer{name: name, call: service + ":" + call, data: data}
	a.at, a.observed, a.dated = moment(name, data, c.At)
	switch {
	case !ok && hasCosts(data):
		a.call = "ce:GetCostAndUsage"
		c.sum.Calls[a.call]++
		return c.note(ctx, a)
	case !ok:
		c.sum.Files-- // it was not read
		c.leave(1, Left{Why: WhyNoCall, Example: name})
		return nil
	}
	c.sum.Calls[a.call]++
	switch {
	case service == "ce":
		return c.note(ctx, a)
	case isMetrics(service, call):
		return c.metrics(ctx, a)
	case isAccounts(service, call):
		return c.accounts(ctx, a)
	}
	return c.resources(ctx, service, call, a)
}

// isMetrics reports whether the responses of a call are samples.
func isMetrics(service, call string) bool {
	return (service == "monitoring" || service == "cloudwatch") && (call == "GetMetricData" || call == "GetMetricStatistics")
}

// answer is a recorded response.
type answer struct {
	name, call string
	data       []byte
	// at is the time of the response, observed the observed_at of its events.
	at, observed time.Time
	// dated is set if the recording states its time.
	dated bool
}

// read returns a file's content.
func (c *collection) read(ctx context.Context, name string) ([]byte, error) {
	data, err := tree.ReadFile(ctx, c.Tree, name, maxFile)
	switch {
	case errors.Is(err, tree.ErrTooLarge):
		return data, fmt.Errorf("reading the file: more than %d bytes are not a response", maxFile)
	case err == nil && recording.Values(data) > maxValues:
		return data, fmt.Errorf("reading the file: more than %d values are not a response; give its pages one by one", maxValues)
	}
	return data, err
}

// reject adds a failure, which goes to the dead-letter queue when its file is done.
func (c *collection) reject(_ context.Context, name string, f queue.Failure) error {
	if f.Represents == nil {
		c.sum.Rejected[f.Reason]++
	}
	for reason, n := range f.Represents {
		c.sum.Rejected[reason] += n
	}
	if f.Unit == "" {
		f.Unit = queue.UnitPart
	}
	if len(f.Body) == 0 {
		f.Body = []byte(name) // a failure must have a body; an empty one would look lost
	}
	if len(f.Body) > maxBody {
		f.CutFrom = len(f.Body)
		f.Body = f.Body[:maxBody]
	}
	f.FirstSeen, f.LastSeen = c.ObservedAt, c.ObservedAt
	c.rejects.Add(c.place(name, 1), f)
	return nil
}

// place returns the place of a file's next n things that can fail.
func (c *collection) place(name string, n int) producers.Place {
	at := producers.Place{File: name, Offset: c.next}
	c.next += int64(n)
	return at
}
