package replay

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// ErrBusy means that another process writes the journal.
var ErrBusy = errors.New("another run is in progress on this queue")

// lockedFile is an open file with an exclusive lock, which a kill releases.
type lockedFile struct {
	*os.File
	lock *flock.Flock
}

// Close closes the file and releases the lock.
func (f *lockedFile) Close() error { return errors.Join(f.File.Close(), f.lock.Unlock()) }

// openLocked opens or creates the file at path, and locks it.
func openLocked(path string) (*lockedFile, error) {
	for range 10 {
		lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
		free, err := lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("opening the journal: %w", err)
		}
		if !free {
			return nil, busy(path)
		}
		f, err := os.OpenFile(path, os.O_APPEND|os.O_RDWR, 0o600)
		if err == nil {
			// The previous holder may have moved the file, so that path is another file now.
			var locked, opened fs.FileInfo
			if locked, err = lock.Stat(); err == nil {
				opened, err = f.Stat()
			}
			if err == nil && os.SameFile(locked, opened) {
				return &lockedFile{f, lock}, nil
			}
			err = errors.Join(err, f.Close())
		}
		if err = errors.Join(err, lock.Unlock()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("opening the journal: %w", err)
		}
	}
	return nil, busy(path)
}

// busy says who holds a journal.
func busy(path string) error {
	j, err := ReadJournal(path)
	if err != nil || j.by == "" {
		return fmt.Errorf("%w, which has just begun: wait for it to end (%s)", ErrBusy, path)
	}
	return fmt.Errorf("%w: run %s, which %s holds: wait for it to end, or end it (%s)", ErrBusy, j.Run, j.by, path)
}

// syncFolder syncs a new file's name to disk.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("opening the journal's folder: %w", err)
	}
	defer func() { _ = d.Close() }() // nothing was written to it
	if err := d.Sync(); err != nil {
		return fmt.Errorf("writing the journal's folder: %w", err)
	}
	return nil
}
