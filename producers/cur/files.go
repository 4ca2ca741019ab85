package cur

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"gocloud.dev/blob"

	"polo/internal/account"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/tree"
)

// Files collects bills from given files.
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
	// ObservedAt is the start of the collection, which all its events share; zero means now.
	ObservedAt time.Time
	// Partial means that the files hold a part of their bills: they count, flagged, if no
	// complete delivery of the bill is known. Of several parts read one by one, the last counts.
	Partial bool
	// Doubt, if set, says why some files of the bills may not be visible. Bills from files
	// without a manifest are then incomplete.
	Doubt string
	// Pages bounds the memory, in bytes, of the Parquet pages that are read at once; 0 means 512
	// MiB. A row group that needs more is a failure.
	Pages int64
	// Currency is the currency of files that name none; empty means NoCurrency.
	Currency string
	Identity producers.Identity
	Accounts []account.Account
	// Progress, if set, is called after each file.
	Progress func(Progress)
}

// Progress counts what has been read.
type Progress struct {
	Files int
	Lines int64
}

// Collect publishes the lines of every bill in the input and, once they are acknowledged, the
// completions. Unreadable input is rejected with its reason. An error means that the input could
// not be listed, that it held no bill, or that the emitter failed. The summary is valid with an
// error, too.
func (f Files) Collect(ctx context.Context, emitter producers.FlushingEmitter) (Summary, error) {
	c := &filesCollector{files: f, tally: newTally()}
	now := time.Now
	if !f.ObservedAt.IsZero() {
		now = func() time.Time { return f.ObservedAt }
	}
	_, err := producers.Run(ctx, producers.RunConfig{
		Collector: c, Accounts: f.Accounts, Emitter: emitter, Identity: f.Identity, Scheduled: now(), Now: now, Reserve: time.Millisecond,
	})
	if err == nil {
		err = c.err
	}
	return c.tally.summary(), err
}

// filesCollector makes Files a collector of one scope.
type filesCollector struct {
	files Files
	tally *tally
	err   error
}

func (c *filesCollector) Source() string { return Source }

func (c *filesCollector) Scopes([]account.Account, []string) []producers.Scope {
	return []producers.Scope{{}}
}

func (c *filesCollector) Collect(ctx context.Context, s *producers.Scan) error {
	c.err = c.collect(ctx, s)
	if errors.Is(c.err, ErrNoInput) {
		return nil // the caller gets c.err; no bill was left unread
	}
	return c.err
}

func (c *filesCollector) collect(ctx context.Context, s *producers.Scan) (err error) {
	in, err := c.files.tree(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	r := &reader{
		scan: s, tree: in, tally: c.tally, currency: c.files.Currency, partial: c.files.Partial, doubt: c.files.Doubt, pages: c.files.Pages,
		owners: map[billKey]owner{}, progress: c.files.Progress,
	}
	objects, err := in.List(ctx, "")
	if err != nil {
		return err
	}
	objects = slices.DeleteFunc(objects, func(o object) bool {
		if only := c.files.Only; only != nil && !only(o.Name) {
			return true
		}
		if o.Unreadable != "" {
			r.doubt = cmp.Or(r.doubt, o.Name+": "+o.Unreadable)
			c.tally.Skipped = append(c.tally.Skipped, Skipped{o.Name, o.Unreadable})
		}
		return o.Unreadable != ""
	})
	if err := r.all(ctx, objects, func(manifest) bool { return true }, true); err != nil {
		return err
	}
	if t := c.tally; t.Files == 0 && len(t.Rejected) == 0 {
		why := ""
		if len(t.Skipped) > 0 {
			why = fmt.Sprintf(" (%d files skipped, the first: %s: %s)", len(t.Skipped), t.Skipped[0].Name, t.Skipped[0].Why)
		}
		return fmt.Errorf("%w: no bill in %q%s; give files of a Cost and Usage Report or of FOCUS (.csv, .csv.gz, .parquet), or a folder or s3:// prefix of them",
			ErrNoInput, c.files.Input, why)
	}
	return nil
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

// all reads the deliveries whose manifest is wanted and, if loose, the files without a manifest.
func (r *reader) all(ctx context.Context, objects []object, wanted func(manifest) bool, loose bool) error {
	manifests, broken, err := r.manifests(ctx, objects)
	if err != nil {
		return err
	}
	deliveries, skipped := plan(objects, slices.DeleteFunc(manifests, func(m manifest) bool { return !wanted(m) }), broken)
	if loose {
		r.tally.Skipped = append(r.tally.Skipped, skipped...)
	}
	for i := range deliveries {
		if deliveries[i].loose && !loose {
			continue
		}
		if deliveries[i].loose {
			deliveries[i].doubt = cmp.Or(deliveries[i].doubt, r.doubt)
		}
		if err := r.delivery(ctx, &deliveries[i]); err != nil {
			return err
		}
	}
	return nil
}

// manifests reads the manifests among objects. A damaged one is rejected, and its name is in
// broken.
func (r *reader) manifests(ctx context.Context, objects []object) (manifests []manifest, broken []string, err error) {
	for _, o := range objects {
		if !isManifestName(o.Name) {
			continue
		}
		data, err := r.readManifest(ctx, o.Name)
		var m manifest
		if err == nil {
			m, err = parseManifest(o.Name, data)
		}
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		if err != nil {
			broken = append(broken, o.Name)
			c := &current{delivery: &delivery{name: o.Name}}
			c.begin(r, o.Name)
			if err := r.reject(ctx, c, queue.ReasonUnreadableFile, o.Name, "", damage{problem: err.Error(), data: beginning(data)}); err != nil {
				return nil, nil, err
			}
			if err := c.rejects.Done(ctx, o.Name); err != nil {
				return nil, nil, err
			}
			continue
		}
		m.modified = o.Modified
		manifests = append(manifests, m)
	}
	return manifests, broken, nil
}

func (r *reader) readManifest(ctx context.Context, name string) ([]byte, error) {
	in, err := r.tree.Open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(in, maxManifest+1))
	if err = errors.Join(err, in.Close()); err != nil {
		return data, fmt.Errorf("reading: %w", err)
	}
	if len(data) > maxManifest {
		return data, fmt.Errorf("%w: more than %d bytes", errManifest, maxManifest)
	}
	return data, nil
}
