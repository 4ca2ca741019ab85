package cur

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"polo/producers/tree"
)

var errEmpty = errors.New("empty")

// opened is an open file: its rows, and what to close.
type opened struct {
	rowSource
	closers []io.Closer
}

func (o *opened) close() error {
	var errs []error
	if o.rowSource != nil {
		errs = append(errs, o.rowSource.close())
	}
	for i := len(o.closers) - 1; i >= 0; i-- {
		errs = append(errs, o.closers[i].Close())
	}
	return errors.Join(errs...)
}

// openFile opens a bill's file by its content: Parquet, or CSV that is plain, gzipped or zipped.
// pages bounds the memory, in bytes, of the Parquet pages that are read at once. The error is
// errNoBill, errNoLines, errEmpty, or says what is wrong with the file.
func openFile(ctx context.Context, t tree.Tree, name string, pages int64) (o *opened, err error) {
	o = &opened{}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.close())
		}
	}()
	raw, err := t.Open(ctx, name)
	if err != nil {
		return o, fmt.Errorf("opening: %w", err)
	}
	o.closers = append(o.closers, raw)
	in := bufio.NewReaderSize(raw, 64<<10)
	magic, err := in.Peek(4)
	switch {
	case len(magic) == 0 && errors.Is(err, io.EOF):
		return o, errEmpty
	case len(magic) == 0:
		return o, fmt.Errorf("reading: %w", err)
	case bytes.HasPrefix(magic, []byte("PAR1")):
		at, size, err := o.seekable(raw, in)
		if err != nil {
			return o, err
		}
		p, err := newParquetSource(at, size, pages)
		if err != nil {
			return o, err
		}
		o.rowSource = p
	case bytes.HasPrefix(magic, []byte("PK\x03\x04")):
		at, size, err := o.seekable(raw, in)
		if err != nil {
			return o, err
		}
		return o, o.zipped(at, size)
	default:
		return o, o.csv(in, magic)
	}
	return o, nil
}

func (o *opened) csv(in io.Reader, magic []byte) error {
	if bytes.HasPrefix(magic, []byte{0x1f, 0x8b}) {
		z, err := tree.Gunzip(bufio.NewReader(in))
		if err != nil {
			return fmt.Errorf("reading the gzip header: %w", err)
		}
		in = z
	}
	if bytes.HasPrefix(magic, []byte("\xff\xfe")) || bytes.HasPrefix(magic, []byte("\xfe\xff")) {
		return errors.New("the encoding is UTF-16; only UTF-8 is supported")
	}
	s, err := newCSVSource(in)
	if err != nil {
		return err
	}
	o.rowSource = s
	return nil
}

// zipped reads the one CSV of a zip, a form of CUR 1.
func (o *opened) zipped(at io.ReaderAt, size int64) error {
	z, err := zip.NewReader(at, size)
	if err != nil {
		return fmt.Errorf("reading the zip: %w", err)
	}
	var found *zip.File
	for _, f := range z.File {
		if strings.EqualFold(path.Ext(f.Name), ".csv") {
			if found != nil {
				return errors.New("the zip holds several CSV files: unpack it")
			}
			found = f
		}
	}
	if found == nil {
		return errNoBill
	}
	in, err := found.Open()
	if err != nil {
		return fmt.Errorf("reading the zip: %w", err)
	}
	o.closers = append(o.closers, in)
	return o.csv(in, nil)
}

// seekable returns random access to a file: the file itself if it is local, else a temporary
// copy, which close deletes. A Parquet file is read in many small pieces, and each would be a
// request to S3.
func (o *opened) seekable(raw io.Reader, in io.Reader) (io.ReaderAt, int64, error) {
	if f, ok := raw.(*os.File); ok {
		info, err := f.Stat()
		if err != nil {
			return nil, 0, fmt.Errorf("reading: %w", err)
		}
		return f, info.Size(), nil
	}
	f, err := os.CreateTemp("", "polo-cur-*")
	if err != nil {
		return nil, 0, fmt.Errorf("creating a temporary file: %w", err)
	}
	o.closers = append(o.closers, removed{f})
	n, err := io.Copy(f, in)
	if err != nil {
		return nil, 0, fmt.Errorf("copying: %w", err)
	}
	return f, n, nil
}

// removed is a file that Close deletes.
type removed struct{ *os.File }

func (r removed) Close() error { return errors.Join(r.File.Close(), os.Remove(r.Name())) }
