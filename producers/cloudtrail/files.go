package cloudtrail

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"gocloud.dev/blob"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/tree"
)

// Files collects from files as AWS delivers them, compressed or not, whatever their names:
// CloudTrail log files, bare arrays, NDJSON, EventBridge events, LookupEvents pages.
type Files struct {
	// Input is a file, a folder (read recursively), or a URL such as s3://bucket/prefix. Folders
	// whose name begins with a dot are skipped.
	Input string
	// Bucket, if set, is read, and Input is the prefix in it.
	Bucket *blob.Bucket
	// Tree, if set, is read instead of both, and closed.
	Tree tree.Tree
	// Only, if set, reports whether to read a file, by name.
	Only func(name string) bool
	// Workers is the number of goroutines that normalise; 0 means one per CPU.
	Workers    int
	Normaliser *Normaliser
	// ObservedAt is the start of the collection, which all its events share.
	ObservedAt time.Time
	// Progress, if set, is called after each file, by one goroutine at a time.
	Progress func(Progress)
}

// Progress counts what has been read.
type Progress struct {
	Files, TotalFiles int
	Read              int64
}

// ErrNoInput means that an input holds nothing to read.
var ErrNoInput = tree.ErrNoInput

// batchSize and batchBytes bound a worker's batch, in records and bytes. A larger record is a
// batch of its own.
const (
	batchSize  = 128
	batchBytes = 1 << 20
)

// maxInFlight bounds the bytes of the records in flight between readers and workers. A record's
// events take several times its memory, so a record above the bound is in flight alone.
const maxInFlight = 8 << 20

// batch is some records of one file.
type batch struct {
	file   *logFile
	pieces []piece
	bytes  int64
}

// weight returns the batch's share of maxInFlight.
func (b batch) weight() int64 { return min(b.bytes, maxInFlight) }

// logFile is a file that is done once it has been read and none of its batches is left.
type logFile struct {
	name string
	left atomic.Int64
}

// Collect reads all input and emits the events. Unreadable parts are rejected with a reason; the
// rest is read. An error means that the input could not be listed, that it held nothing to read,
// or that the emitter failed. The summary is valid with an error, too.
func (f Files) Collect(ctx context.Context, emitter producers.Emitter) (Summary, error) {
	t := newTally()
	in, err := f.tree(ctx)
	if err != nil {
		return t.summary(), err
	}
	err = f.collect(ctx, in, emitter, t)
	if e := in.Close(); err == nil && e != nil {
		err = fmt.Errorf("closing input: %w", e)
	}
	s := t.summary()
	if err == nil && s.Files == 0 && s.Read == 0 {
		why := ""
		if len(s.Skipped) > 0 {
			why = fmt.Sprintf(" (%d files skipped, the first: %s: %s)", len(s.Skipped), s.Skipped[0].Name, s.Skipped[0].Why)
		}
		err = fmt.Errorf("%w: nothing to read in %q%s; give CloudTrail log files (.json, .json.gz), or a folder or s3:// prefix of them", ErrNoInput, f.Input, why)
	}
	return s, err
}

func (f Files) tree(ctx context.Context) (tree.Tree, error) {
	switch {
	case f.Tree != nil:
		return f.Tree, nil
	case f.Bucket != nil:
		return tree.Bucket(f.Bucket, f.Input), nil
	}
	return tree.Open(ctx, f.Input)
}

// collection is one collection from files: readers split files into batches, and workers normalise
// those.
type collection struct {
	files    Files
	tree     tree.Tree
	tally    *tally
	rejects  *producers.FileRejects
	batches  chan batch
	inFlight *semaphore.Weighted
	// total and finished count files. The tally guards finished.
	total, finished int
}

func (f Files) collect(ctx context.Context, in tree.Tree, emitter producers.Emitter, t *tally) error {
	names, err := f.list(ctx, in, t)
	if err != nil {
		return err
	}
	workers := f.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	c := &collection{
		files: f, tree: in, tally: t, rejects: producers.NewFileRejects(emitter.Reject), total: len(names),
		batches: make(chan batch, 2*workers), inFlight: semaphore.NewWeighted(maxInFlight),
	}
	g, ctx := errgroup.WithContext(ctx)
	next := make(chan string)
	g.Go(func() error {
		defer close(next)
		for _, name := range names {
			select {
			case next <- name:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	var readers errgroup.Group
	// Two concurrent files keep the workers busy while one waits for a disk or a network. All
	// workers normalise the records of one big file.
	for range min(2, workers) {
		readers.Go(func() error { return c.readAll(ctx, next) })
	}
	g.Go(func() error {
		defer close(c.batches)
		return readers.Wait()
	})
	for range workers {
		g.Go(func() error { return c.normaliseAll(ctx, emitter) })
	}
	return g.Wait()
}

// list returns the names of the files to read.
func (f Files) list(ctx context.Context, in tree.Tree, t *tally) ([]string, error) {
	objects, err := in.List(ctx, "")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, o := range objects {
		switch {
		case f.Only != nil && !f.Only(o.Name):
		case o.Unreadable != "":
			t.add(func(s *Summary) { s.Skipped = append(s.Skipped, Skipped{Name: o.Name, Why: o.Unreadable}) })
		default:
			names = append(names, o.Name)
		}
	}
	return names, nil
}

// readAll reads files until none is left.
func (c *collection) readAll(ctx context.Context, names <-chan string) error {
	for name := range names {
		of := &logFile{name: name}
		of.left.Add(1)
		if err := c.read(ctx, of); err != nil {
			return err
		}
		if err := c.done(ctx, of); err != nil {
			return err
		}
		c.tally.add(func(s *Summary) {
			c.finished++
			if c.files.Progress != nil {
				c.files.Progress(Progress{Files: c.finished, TotalFiles: c.total, Read: s.Read})
			}
		})
	}
	return nil
}

// normaliseAll normalises batches until none is left.
func (c *collection) normaliseAll(ctx context.Context, emitter producers.Emitter) error {
	// The rejects have checked every event.
	emit := func(ctx context.Context, events ...envelope.ResourceEvent) error {
		return producers.EmitChecked(ctx, emitter, events...)
	}
	w := worker{files: &c.files, emit: emit, rejects: c.rejects, tally: c.tally}
	for b := range c.batches {
		err := w.batch(ctx, b)
		c.inFlight.Release(b.weight())
		if err != nil {
			return err
		}
		if err := c.done(ctx, b.file); err != nil {
			return err
		}
	}
	return nil
}

// done notes that a file was read, or one of its batches normalised.
func (c *collection) done(ctx context.Context, of *logFile) error {
	if of.left.Add(-1) > 0 {
		return nil
	}
	return c.rejects.Done(ctx, of.name)
}

// read splits one file into batches. Its error is the context's; a fault of the file becomes a
// piece.
func (c *collection) read(ctx context.Context, of *logFile) error {
	name, b := of.name, batch{file: of}
	flush := func() error {
		if len(b.pieces) == 0 {
			return nil
		}
		if err := c.inFlight.Acquire(ctx, b.weight()); err != nil {
			return err
		}
		of.left.Add(1)
		select {
		case c.batches <- b:
			b.pieces, b.bytes = make([]piece, 0, batchSize), 0
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	emit := func(p piece) error {
		b.pieces, b.bytes = append(b.pieces, p), b.bytes+int64(len(p.data))
		if len(b.pieces) < batchSize && b.bytes < batchBytes {
			return nil
		}
		return flush()
	}
	file, err := c.tree.Open(ctx, name)
	if err == nil {
		var why string
		why, err = readFile(file, name, emit)
		if e := file.Close(); err == nil && e != nil {
			err = e
		}
		if why != "" {
			c.tally.add(func(s *Summary) { s.Skipped = append(s.Skipped, Skipped{Name: name, Why: why}) })
			return nil
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		p := piece{number: 1, reason: queue.ReasonUnreadableFile, problem: "opening: " + err.Error()}
		if err := emit(p); err != nil {
			return err
		}
	}
	c.tally.add(func(s *Summary) { s.Files++ })
	return flush()
}
