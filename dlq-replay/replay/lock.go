package replay

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrBusy tells that another process writes the journal.
var ErrBusy = errors.New("another one is under way on this queue")

// openLocked opens the file at path, makes it where it is not there, and locks it for
// as long as it is open; a kill lets go of the lock.
func openLocked(path string) (*os.File, error) {
	for range 10 {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("opening the journal: %w", err)
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			return nil, errors.Join(busy(path), f.Close())
		}
		// Whoever held it before may have put it away: then another is at the path.
		at, errAt := os.Stat(path)
		mine, err := f.Stat()
		if err == nil && errAt == nil && os.SameFile(at, mine) {
			return f, nil
		}
		if err := errors.Join(err, f.Close()); err != nil {
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

// syncFolder puts a new file's name on the disk.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("opening the journal's folder: %w", err)
	}
	defer func() { _ = d.Close() }() // nothing was written through it
	if err := d.Sync(); err != nil {
		return fmt.Errorf("writing the journal's folder: %w", err)
	}
	return nil
}
