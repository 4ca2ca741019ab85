package recorded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"polo/internal/queue"
	"polo/producers"
	"polo/producers/inventory"
	"polo/producers/tree"
)

// maxFile bounds an answer, in bytes; the largest page of any call is far below.
const maxFile = 64 << 20

// maxBody bounds what a failure carries of a file, so that a message can hold it.
const maxBody = 512 << 10

// Files collects recordings.
type Files struct {
	// Tree holds them, Names are those of its files to read.
	Tree  tree.Tree
	Names []string
	// AccountID and Region are where they were recorded, as far as they do not say so.
	AccountID, Region string
	// ObservedAt is when this collection began: all its events share it.
	ObservedAt time.Time
	Identity   producers.Identity
}

// Summary is what a collection read and made of it.
type Summary struct {
	// Files were read; Items were in them, and became Events.
	Files, Items, Events int
	// Left counts by reason what became no event, files and items, which is no fault of
	// theirs: an error that was recorded, a call that nothing reads.
	Left map[string]int
	// Rejected counts by reason what is in the dead-letter queue.
	Rejected map[queue.Reason]int
	// Calls counts the files of each call.
	Calls map[string]int
}

// Collect reads the files and emits. An error is the emitter's, or of reading a file.
func (f Files) Collect(ctx context.Context, emitter producers.Emitter) (Summary, error) {
	c := collection{
		Files: f, emitter: emitter,
		sum: Summary{Left: map[string]int{}, Rejected: map[queue.Reason]int{}, Calls: map[string]int{}},
	}
	var err error
	if c.inventory, err = inventory.NewNormaliser(); err != nil {
		return c.sum, fmt.Errorf("preparing to read recordings: %w", err)
	}
	for _, name := range f.Names {
		if err := c.file(ctx, name); err != nil {
			return c.sum, err
		}
	}
	return c.sum, nil
}

// collection is a Collect under way.
type collection struct {
	Files
	emitter   producers.Emitter
	inventory *inventory.Normaliser
	sum       Summary
}

func (c *collection) file(ctx context.Context, name string) error {
	c.sum.Files++
	data, at, err := c.read(ctx, name)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return c.reject(ctx, name, queue.Failure{Reason: queue.ReasonUnreadableFile, Err: err.Error(), Body: data})
	}
	service, call, ok := inventory.CallOfFile(path.Base(name))
	switch {
	case !ok && hasCosts(data):
		c.sum.Calls["ce:GetCostAndUsage"]++
		return c.costs(ctx, name, data)
	case !ok:
		c.sum.Left["the name tells no call"]++
		return nil
	}
	c.sum.Calls[service+":"+call]++
	switch {
	case service == "ce":
		return c.costs(ctx, name, data)
	case isMetrics(service, call):
		return c.metrics(ctx, name, data)
	}
	return c.resources(ctx, name, service, call, data, at)
}

// isMetrics tells the calls whose answers are samples.
func isMetrics(service, call string) bool {
	return (service == "monitoring" || service == "cloudwatch") && (call == "GetMetricData" || call == "GetMetricStatistics")
}

// read is a file's content, and when it was last changed: the time of what it says,
// which it does not tell, and the same however often it is read.
func (c *collection) read(ctx context.Context, name string) (data []byte, at time.Time, err error) {
	o, err := c.Tree.Stat(ctx, name)
	if err != nil {
		return nil, at, fmt.Errorf("looking at the file: %w", err)
	}
	in, err := c.Tree.Open(ctx, name)
	if err != nil {
		return nil, at, fmt.Errorf("opening the file: %w", err)
	}
	defer func() { _ = in.Close() }() // it was only read
	var plain io.Reader = in
	if strings.HasSuffix(name, ".gz") {
		if plain, err = gzip.NewReader(in); err != nil {
			return nil, at, fmt.Errorf("unpacking the file: %w", err)
		}
	}
	data, err = io.ReadAll(io.LimitReader(plain, maxFile+1))
	switch {
	case err != nil:
		return data, at, fmt.Errorf("reading the file: %w", err)
	case len(data) > maxFile:
		return data, at, fmt.Errorf("reading the file: more than %d bytes are no answer", maxFile)
	case len(data) == 0:
		return data, at, errors.New("reading the file: it is empty")
	}
	return data, o.Modified.UTC().Truncate(time.Second), nil
}

// reject sends what cannot be normalised to the dead-letter queue.
func (c *collection) reject(ctx context.Context, name string, f queue.Failure) error {
	c.sum.Rejected[f.Reason]++
	if f.Unit == "" {
		f.Unit = queue.UnitPart
	}
	if f.Origin == "" {
		f.Origin = name
	}
	if len(f.Body) > maxBody {
		f.CutFrom = len(f.Body)
		f.Body = f.Body[:maxBody]
	}
	f.FirstSeen, f.LastSeen = c.ObservedAt, c.ObservedAt
	return c.emitter.Reject(ctx, f)
}
