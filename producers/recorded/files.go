package recorded

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"polo/internal/queue"
	"polo/producers"
	"polo/producers/inventory"
	"polo/producers/tree"
)

// maxFile and maxValues bound an answer: its bytes, and how many values are in it, of which each
// takes some hundred bytes of memory. A page of any call is far below; the CLI may have put
// all pages into one.
const (
	maxFile   = 64 << 20
	maxValues = 1_500_000
)

// maxBody bounds what a failure carries of a file, so that a message can hold it.
const maxBody = 512 << 10

// Files collects recordings.
type Files struct {
	// Tree holds them, Names are those of its files to read.
	Tree  tree.Tree
	Names []string
	// AccountID and Region are where they were recorded, as far as they do not say so.
	AccountID, Region string
	// At is when they were recorded, as far as they do not say so; zero is Undated.
	At time.Time
	// ObservedAt is when this collection began: the time of its failures. Events have that
	// of their recording.
	ObservedAt time.Time
	Identity   producers.Identity
}

// Summary is what a collection read and made of it.
type Summary struct {
	// Files were read; Items were in them, and became Events.
	Files, Items, Events int
	// Left is what became no event, files and items, which is no fault of theirs: an error
	// that was recorded, a call that nothing reads.
	Left []Left
	// Undated counts the answers that became events and of which neither they nor At tell
	// when they were given.
	Undated int
	// Views are lines of Cost Explorer that tell money which others tell, Uncounted those of
	// them that are of a time which no others tell by days.
	Views, Uncounted int
	// Rejected counts by reason what is in the dead-letter queue.
	Rejected map[queue.Reason]int
	// Calls counts the files of each call.
	Calls map[string]int
}

// Collect reads the files and emits. An error is the emitter's, or of reading a file.
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
		c.At = Undated()
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
	return c.sum, c.rejects.Close(ctx)
}

// collection is a Collect under way.
type collection struct {
	Files
	emitter   producers.FlushingEmitter
	costs     costs
	rejects   *producers.FileRejects
	next      int64 // the offset of the file's next reject
	inventory *inventory.Normaliser
	// undated tells that nothing but a recording itself tells when it was given.
	undated bool
	// lastUndated is the answer that was last counted as such.
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
		c.sum.Files-- // nothing was read of it
		c.leave(1, Left{Why: WhyNoCall, Example: name})
		return nil
	}
	c.sum.Calls[a.call]++
	switch {
	case service == "ce":
		return c.note(ctx, a)
	case isMetrics(service, call):
		return c.metrics(ctx, a)
	}
	return c.resources(ctx, service, call, a)
}

// isMetrics tells the calls whose answers are samples.
func isMetrics(service, call string) bool {
	return (service == "monitoring" || service == "cloudwatch") && (call == "GetMetricData" || call == "GetMetricStatistics")
}

// answer is a recorded answer.
type answer struct {
	name, call string
	data       []byte
	// at is when it was given, observed the observed_at of its events.
	at, observed time.Time
	// dated tells that the recording says so itself.
	dated bool
}

// read is a file's content.
func (c *collection) read(ctx context.Context, name string) (data []byte, err error) {
	in, err := c.Tree.Open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", err)
	}
	defer func() { _ = in.Close() }() // it was only read
	packed := bufio.NewReader(in)
	var plain io.Reader = packed
	if magic, _ := packed.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if plain, err = tree.Gunzip(packed); err != nil {
			return nil, fmt.Errorf("unpacking the file: %w", err)
		}
	}
	data, err = io.ReadAll(io.LimitReader(plain, maxFile+1))
	switch {
	case err != nil:
		return data, fmt.Errorf("reading the file: %w", err)
	case len(data) > maxFile:
		return data, fmt.Errorf("reading the file: more than %d bytes are no answer", maxFile)
	case len(data) == 0:
		return data, errors.New("reading the file: it is empty")
	case values(data) > maxValues:
		return data, fmt.Errorf("reading the file: more than %d values are no answer; give its pages one by one", maxValues)
	}
	return data, nil
}

// values is how many a JSON text has, or would have if it were one; names of members are none.
func values(text []byte) (n int) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case quoted && ch == '\\':
			i++
		case ch == '"':
			quoted = !quoted
		case !quoted && (ch == ',' || ch == '[' || ch == '{'):
			n++
		}
	}
	return n
}

// reject notes what cannot be normalised, for the dead-letter queue.
func (c *collection) reject(_ context.Context, name string, f queue.Failure) error {
	if f.Stands == nil {
		c.sum.Rejected[f.Reason]++
	}
	for reason, n := range f.Stands {
		c.sum.Rejected[reason] += n
	}
	if f.Unit == "" {
		f.Unit = queue.UnitPart
	}
	if len(f.Body) == 0 {
		f.Body = []byte(name) // a failure without any bytes could not be told from a lost one
	}
	if len(f.Body) > maxBody {
		f.CutFrom = len(f.Body)
		f.Body = f.Body[:maxBody]
	}
	f.FirstSeen, f.LastSeen = c.ObservedAt, c.ObservedAt
	c.rejects.Add(c.place(name, 1), f)
	return nil
}

// place is where the next n things of a file stand, of those that can fail.
func (c *collection) place(name string, n int) producers.Place {
	at := producers.Place{File: name, Offset: c.next}
	c.next += int64(n)
	return at
}
