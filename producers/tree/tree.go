// Package tree reads files from a folder, a single file, or a bucket.
package tree

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	gcaws "gocloud.dev/aws"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/s3blob" // s3:// inputs
)

// ErrNoInput means that an input has nothing to read.
var ErrNoInput = errors.New("no input")

// Object is a file of a tree. Two equal Objects have the same content.
type Object struct {
	Name     string
	Size     int64 // bytes
	Modified time.Time
	ETag     string
	// Unreadable says why it cannot be opened as a file, "" if it can: a folder that may not
	// be listed, whose name ends with a slash; a pipe, which would block its reader.
	Unreadable string
	// MD5 of the content in hex, if a bucket stores it. Stat sets it, List does not.
	MD5 string
}

// Tree is a folder or bucket of files.
type Tree interface {
	// List returns every file whose name begins with prefix, sorted by name. It leaves out
	// folders whose name begins with a dot. For a file that cannot be examined, such as a
	// dangling link, it returns only the name: opening it gives the error. What is not a file
	// is Unreadable and does not keep its neighbours from being listed.
	List(ctx context.Context, prefix string) ([]Object, error)
	// Stat returns one file as it is now.
	Stat(ctx context.Context, name string) (Object, error)
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	Close() error
}

// Open opens what an input names: a file, a folder, or a bucket's URL with a prefix.
func Open(ctx context.Context, input string) (Tree, error) {
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

func openFolder(root string) (Tree, error) {
	info, err := os.Stat(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s does not exist; give a file, a folder or s3://bucket/prefix", ErrNoInput, root)
	}
	if err != nil {
		return nil, fmt.Errorf("opening input: %w", err)
	}
	if why := noFile(info.Mode()); why != "" && !info.IsDir() {
		return nil, fmt.Errorf("%w: %s is %s; give a file, a folder or s3://bucket/prefix", ErrNoInput, root, why)
	}
	if info.IsDir() {
		// WalkDir does not follow a link at its root.
		if root, err = filepath.EvalSymlinks(root); err != nil {
			return nil, fmt.Errorf("opening input: %w", err)
		}
	}
	return &folder{root: root, file: !info.IsDir()}, nil
}

func (f *folder) List(ctx context.Context, prefix string) ([]Object, error) {
	if f.file {
		o, err := f.Stat(ctx, filepath.Base(f.root))
		return []Object{o}, err
	}
	var objects []Object
	err := filepath.WalkDir(f.root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && p == f.root: //mutant:closed-folder-ends-all
			return err
		case err == nil && d.IsDir() && p != f.root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case err == nil && d.IsDir():
			return nil
		}
		name, relErr := filepath.Rel(f.root, p)
		if relErr != nil {
			return relErr
		}
		name = filepath.ToSlash(name)
		if err != nil {
			name += "/"
			if strings.HasPrefix(name, prefix) || strings.HasPrefix(prefix, name) {
				objects = append(objects, Object{Name: name, Unreadable: "the folder cannot be listed: " + reason(err)})
			}
			return nil
		}
		if !strings.HasPrefix(name, prefix) {
			return nil
		}
		o, err := f.Stat(ctx, name)
		if err != nil {
			o = Object{Name: name}
		}
		objects = append(objects, o)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing input: %w", err)
	}
	return inOrder(objects), nil
}

func inOrder(objects []Object) []Object {
	slices.SortFunc(objects, func(a, b Object) int { return strings.Compare(a.Name, b.Name) })
	return objects
}

func (f *folder) path(name string) string {
	if f.file {
		return f.root
	}
	return filepath.Join(f.root, filepath.FromSlash(name))
}

func (f *folder) Stat(_ context.Context, name string) (Object, error) {
	info, err := os.Stat(f.path(name))
	if err != nil {
		return Object{}, err
	}
	return Object{Name: name, Size: info.Size(), Modified: info.ModTime(), Unreadable: noFile(info.Mode())}, nil
}

// noFile describes what is in a file's place, "" for a file.
func noFile(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a link to a folder, which is not followed"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case !mode.IsRegular():
		return "no regular file"
	}
	return ""
}

// reason returns a file system error without its path, which the caller prints.
func reason(err error) string {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err.Error()
	}
	return err.Error()
}

func (f *folder) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(f.path(name))
}

func (f *folder) Close() error { return nil }

// Bucket returns the part of a bucket whose names begin with prefix as a tree. Its Close
// leaves the bucket open.
func Bucket(b *blob.Bucket, prefix string) Tree { return &bucket{b: b, prefix: prefix} }

// OwnBucket returns a whole bucket as a tree. Its Close closes the bucket.
func OwnBucket(b *blob.Bucket) Tree { return &bucket{b: b, owned: true} }

// bucket is a bucket of any kind that gocloud.dev supports, or a part of one.
type bucket struct {
	b      *blob.Bucket
	prefix string
	owned  bool
}

func openBucket(ctx context.Context, input string) (Tree, error) {
	u, err := url.Parse(input)
	if err != nil {
		return nil, fmt.Errorf("%w: not a URL: %s", ErrNoInput, input)
	}
	if err := checkRegion(ctx, u); err != nil {
		return nil, fmt.Errorf("opening bucket of %s: %w", input, err)
	}
	prefix := strings.TrimPrefix(u.Path, "/")
	u.Path = ""
	b, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, fmt.Errorf("opening bucket of %s: %w", input, err)
	}
	return &bucket{b: b, prefix: prefix, owned: true}, nil
}

// checkRegion returns an error if nothing names the region of an S3 bucket. The SDK would only say so at
// the first request, and not what to do.
func checkRegion(ctx context.Context, u *url.URL) error {
	if u.Scheme != "s3" {
		return nil
	}
	known := url.Values{}
	for _, name := range []string{"region", "profile"} {
		if value := u.Query().Get(name); value != "" {
			known.Set(name, value)
		}
	}
	cfg, err := gcaws.V2ConfigFromURLParams(ctx, known)
	if err != nil {
		return fmt.Errorf("loading the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return errors.New("no AWS region is set: set AWS_REGION to the bucket's region, set AWS_PROFILE to a profile with one, or add ?region=REGION to the URL")
	}
	return nil
}

func (b *bucket) List(ctx context.Context, prefix string) ([]Object, error) {
	var all []Object
	objects := b.b.List(&blob.ListOptions{Prefix: b.prefix + prefix})
	for {
		o, err := objects.Next(ctx)
		if errors.Is(err, io.EOF) {
			return inOrder(all), nil
		}
		if err != nil {
			return nil, fmt.Errorf("listing bucket: %w", err)
		}
		if !o.IsDir && !strings.HasSuffix(o.Key, "/") {
			all = append(all, Object{Name: o.Key, Size: o.Size, Modified: o.ModTime})
		}
	}
}

func (b *bucket) Stat(ctx context.Context, name string) (Object, error) {
	a, err := b.b.Attributes(ctx, name)
	if err != nil {
		return Object{}, err
	}
	return Object{Name: name, Size: a.Size, Modified: a.ModTime, ETag: a.ETag, MD5: hex.EncodeToString(a.MD5)}, nil
}

func (b *bucket) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	return b.b.NewReader(ctx, name, nil)
}

func (b *bucket) Close() error {
	if b.owned {
		return b.b.Close()
	}
	return nil
}
