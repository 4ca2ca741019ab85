// Package ingest collects files of recorded exchanges.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"polo/internal/queue"
	"polo/producers"
	"polo/producers/exchange"
	"polo/producers/recording"
	"polo/producers/tree"
)

// maxFile bounds a file, unpacked, in bytes.
const maxFile = 32 << 20

// maxBody bounds how much of a file a failure holds, so that it fits a message.
const maxBody = 512 << 10

// Files collects recorded exchanges.
type Files struct {
	// Tree holds them, Names are the files to read.
	Tree  tree.Tree
	Names []string
	// Readers read them: an exchange belongs to the first that knows it.
	Readers []exchange.Reader
	// At is the time of exchanges that do not state their own; zero means recording.Undated.
	At time.Time
	// ObservedAt is when this collection began: the time of its failures. Events have the time
	// of their recording.
	ObservedAt time.Time
	Identity   producers.Identity
	// Accounts are those of exchanges that do not name theirs, by platform.
	Accounts map[string]string
}

// Summary is the result of a collection.
type Summary struct {
	// Files were read; they held Exchanges, parts that are none included, which became Events.
	Files, Exchanges, Events int
	// Left counts what became no event and is no failure.
	Left []LeftOut
	// Undated counts the exchanges that gave events of a time that neither they nor At state.
	Undated int
	// Rejected counts the failures by reason.
	Rejected map[queue.Reason]int64
}

// Collect reads the files and emits their events. An error is the emitter's, or the context's.
func (f Files) Collect(ctx context.Context, emitter producers.FlushingEmitter) (Summary, error) {
	c := collection{Files: f, emitter: emitter, rejects: producers.NewFileRejects(emitter.Reject), sum: Summary{Rejected: map[queue.Reason]int64{}}}
	for _, name := range f.Names {
		if err := c.file(ctx, name); err != nil {
			return c.sum, err
		}
		if err := c.rejects.Done(ctx, name); err != nil {
			return c.sum, err
		}
	}
	return c.sum, c.rejects.Close(ctx)
}

// collection is the state of a Collect.
type collection struct {
	Files
	emitter producers.FlushingEmitter
	rejects *producers.FileRejects
	next    int64 // the offset of the file's next failure
	sum     Summary
}

func (c *collection) file(ctx context.Context, name string) error {
	c.sum.Files++
	c.next = 0
	data, err := tree.ReadFile(ctx, c.Tree, name, maxFile)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, tree.ErrTooLarge) {
		err = fmt.Errorf("reading the file: more than %d bytes; give them in several files", maxFile)
	}
	if err != nil {
		c.reject(name, queue.Failure{Reason: queue.ReasonUnreadableFile, Err: err.Error(), Body: exchange.Scrub(data)})
		return nil
	}
	all, err := exchange.Parse(data)
	for _, fault := range exchange.Faults(err) {
		failure := queue.Failure{Reason: queue.ReasonMalformedRecord, Err: fault.Error(), Body: exchange.Scrub(fault.Text), Origin: name + "#" + fault.Path}
		if fault.Text == nil {
			failure.Reason, failure.Body, failure.Origin = queue.ReasonUnreadableFile, exchange.Scrub(data), name
		} else {
			c.sum.Exchanges++
		}
		c.reject(name, failure)
	}
	rank := recording.Rank(name, data)
	for _, g := range groupsOf(all) {
		if err := c.group(ctx, name, g, rank); err != nil {
			return err
		}
	}
	return nil
}

// group reads the exchanges of a run.
func (c *collection) group(ctx context.Context, name string, g group, rank time.Duration) error {
	of := make([][]exchange.Exchange, len(c.Readers))
	take := func(e exchange.Exchange) bool {
		i := exchange.IndexOf(&e, c.Readers)
		if i >= 0 {
			of[i] = append(of[i], e)
		}
		return i >= 0
	}
	for _, e := range g.members {
		c.sum.Exchanges++
		if e.Method != "" && e.Status == 0 {
			c.sum.leave(exchange.Left{Why: exchange.WhyNoAnswer, Call: exchange.Call(&e), Count: 1}, name)
			continue
		}
		if take(e) {
			continue
		}
		rest := exchange.ItemsOf(&e, c.Readers)
		if rest == nil {
			rest = []exchange.Exchange{e}
		}
		for _, e := range rest {
			if !take(e) {
				c.sum.leave(notCovered(&e), name)
			}
		}
	}
	for i := range of {
		if len(of[i]) == 0 {
			continue
		}
		if err := c.run(ctx, name, &c.Readers[i], g.at, of[i], rank); err != nil {
			return err
		}
	}
	return nil
}

func notCovered(e *exchange.Exchange) exchange.Left {
	l := exchange.Left{Why: exchange.WhyUncovered, Call: exchange.Call(e), Count: 1}
	if e.Status >= 400 {
		l.Why, l.Call = exchange.WhyError, l.Call+" "+strconv.Itoa(e.Status)
	}
	return l
}

// reject adds a failure, which goes to the dead-letter queue when its file is done.
func (c *collection) reject(name string, f queue.Failure) {
	f.Unit = queue.UnitPart
	if len(f.Body) == 0 {
		f.Body = []byte(name) // a failure must have a body; an empty one would look lost
	}
	if len(f.Body) > maxBody {
		f.CutFrom = len(f.Body)
		f.Body = f.Body[:maxBody]
	}
	f.FirstSeen, f.LastSeen = c.ObservedAt, c.ObservedAt
	f.Count(c.sum.Rejected)
	c.rejects.Add(c.place(name, 1), f)
}

// place returns the place of a file's next n things that can fail.
func (c *collection) place(name string, n int) producers.Place {
	at := producers.Place{File: name, Offset: c.next}
	c.next += int64(n)
	return at
}
