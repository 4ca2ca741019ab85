package sample

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// folder is where files are written. They appear whole or not at all.
type folder struct {
	dir  string
	gzip bool
	// files and bytes count what was written, before compression.
	files int
	bytes int64
	zip   *gzip.Writer // for one file after another
}

// ending is what the names of compressed files end with.
func (f *folder) ending() string {
	if f.gzip {
		return ".gz"
	}
	return ""
}

// write writes a file, compressed if the folder's are.
func (f *folder) write(name string, text []byte) error {
	return f.put(name+f.ending(), text, f.gzip)
}

// writePlain writes a file that is never compressed.
func (f *folder) writePlain(name string, text []byte) error { return f.put(name, text, false) }

func (f *folder) put(name string, text []byte, zipped bool) (err error) {
	path := filepath.Join(f.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("making a folder for the sample: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("making a file of the sample: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("writing the sample: %w", err), os.Remove(file.Name()))
		}
	}()
	var out io.WriteCloser = file
	if zipped {
		if f.zip == nil {
			if f.zip, err = gzip.NewWriterLevel(file, gzip.BestSpeed); err != nil {
				return errors.Join(err, file.Close())
			}
		}
		f.zip.Reset(file)
		out = f.zip
	}
	if _, err := out.Write(text); err != nil {
		return errors.Join(err, file.Close())
	}
	if zipped {
		if err := out.Close(); err != nil {
			return errors.Join(err, file.Close())
		}
	}
	if err := file.Close(); err != nil {
		return err
	}
	f.files++
	f.bytes += int64(len(text))
	return os.Rename(file.Name(), path)
}
