package cloudtrail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/s3blob" // s3:// inputs
)

// ErrNoInput says that an input holds nothing to read.
var ErrNoInput = errors.New("no input")

// tree is a folder or bucket of files.
type tree interface {
	// list names every file, sorted.
	list(ctx context.Context) ([]string, error)
	open(ctx context.Context, name string) (io.ReadCloser, error)
	close() error
}

// openTree opens what an input names: a file, a folder, or a bucket's URL with a prefix.
func openTree(ctx context.Context, input string) (tree, error) {
	scheme, rest, found := strings.Cut(input, "://")
	switch {
	case input == "":
		return nil, fmt.Errorf("%w: name a file, a folder or a URL such as s3://bucket/prefix", ErrNoInput)
	case found && scheme == "file":
		return openFolder(rest)
	case found:
		return openBucket(ctx, input)
	}
	return openFolder(input)
}

// folder is a local folder, or one file.
type folder struct {
	root string
	file bool
}

func openFolder(root string) (tree, error) {
	info, err := os.Stat(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s does not exist; give a file, a folder or s3://bucket/prefix", ErrNoInput, root)
	}
	if err != nil {
		return nil, fmt.Errorf("opening input: %w", err)
	}
	return &folder{root: root, file: !info.IsDir()}, nil
}

func (f *folder) list(context.Context) ([]string, error) {
	if f.file {
		return []string{filepath.Base(f.root)}, nil
	}
	var names []string
	err := filepath.WalkDir(f.root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != f.root && strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() && d.Type()&fs.ModeSymlink == 0 {
			return nil
		}
		name, err := filepath.Rel(f.root, p)
		if err != nil {
			return err
		}
		names = append(names, filepath.ToSlash(name))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing input: %w", err)
	}
	slices.Sort(names)
	return names, nil
}

func (f *folder) open(_ context.Context, name string) (io.ReadCloser, error) {
	if f.file {
		return os.Open(f.root)
	}
	return os.Open(filepath.Join(f.root, filepath.FromSlash(name)))
}

func (f *folder) close() error { return nil }

// bucket is a bucket of any kind gocloud.dev knows, or a part of one.
type bucket struct {
	b      *blob.Bucket
	prefix string
	owned  bool
}

func openBucket(ctx context.Context, input string) (tree, error) {
	u, err := url.Parse(input)
	if err != nil {
		return nil, fmt.Errorf("%w: not a URL: %s", ErrNoInput, input)
	}
	prefix := strings.TrimPrefix(u.Path, "/")
	u.Path = ""
	b, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, fmt.Errorf("opening bucket of %s: %w", input, err)
	}
	return &bucket{b: b, prefix: prefix, owned: true}, nil
}

func (b *bucket) list(ctx context.Context) ([]string, error) {
	var names []string
	objects := b.b.List(&blob.ListOptions{Prefix: b.prefix})
	for {
		o, err := objects.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("listing bucket: %w", err)
		}
		if !o.IsDir && !strings.HasSuffix(o.Key, "/") {
			names = append(names, o.Key)
		}
	}
	slices.Sort(names)
	return names, nil
}

func (b *bucket) open(ctx context.Context, name string) (io.ReadCloser, error) {
	return b.b.NewReader(ctx, name, nil)
}

func (b *bucket) close() error {
	if b.owned {
		return b.b.Close()
	}
	return nil
}
