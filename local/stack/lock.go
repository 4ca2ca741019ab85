package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// ErrBusy means that another process runs the stack on this directory.
var ErrBusy = errors.New("a stack is running on this data directory")

// Holder is the process that runs the stack on a directory.
type Holder struct {
	PID     int    `json:"pid"`
	Command string `json:"command"`
	Drains  bool   `json:"drains"`
	// Since is when it took the directory, in nanoseconds since 1970: it distinguishes
	// processes with the same id.
	Since int64 `json:"since"`
}

// BusyError is an ErrBusy that names the process.
type BusyError struct {
	Dir    string
	Holder Holder
	// Why says why others cannot join it; empty if they can.
	Why string
}

func (e *BusyError) Error() string {
	who := "another process"
	if e.Holder.PID != 0 {
		who = fmt.Sprintf("process %d (%s)", e.Holder.PID, e.Holder.Command)
	}
	text := fmt.Sprintf("%s works on the data directory %s", who, e.Dir)
	if e.Why != "" {
		text += " and " + e.Why
	}
	return text
}

// Is makes errors.Is match ErrBusy.
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// The lock files in the data directory. The process that runs the stack holds the
// first, which contains its name. Those that join share the second, and the process
// that runs the stack locks it exclusively before it ends.
const (
	lockFile  = "stack.lock"
	usersFile = "stack.users"
)

// lockDir makes sure that one process runs the stack on dir.
func lockDir(dir string, h Holder) (*flock.Flock, error) {
	lock := fileLock(filepath.Join(dir, lockFile))
	// Whoever looks whether the directory is free holds it for a moment.
	free := false
	var err error
	for range 10 {
		if free, err = lock.TryLock(); free || err != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		return nil, fmt.Errorf("locking the data directory: %w", err)
	}
	if !free {
		return nil, &BusyError{Dir: dir, Holder: holder(dir)}
	}
	text, err := json.Marshal(h)
	if err == nil {
		err = os.WriteFile(lock.Path(), text, 0o600)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("writing the data directory's lock: %w", err), lock.Unlock())
	}
	return lock, nil
}

// held reports whether a process runs the stack on dir.
func held(dir string) (bool, error) {
	lock := flock.New(filepath.Join(dir, lockFile), flock.SetFlag(os.O_RDONLY))
	free, err := lock.TryRLock()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err = errors.Join(err, lock.Unlock()); err != nil {
		return false, fmt.Errorf("looking at the data directory's lock: %w", err)
	}
	return !free, nil
}

// holder returns the process that claims to run the stack on dir; empty if unknown.
func holder(dir string) Holder {
	var h Holder
	if text, err := os.ReadFile(filepath.Join(dir, lockFile)); err != nil || json.Unmarshal(text, &h) != nil {
		return Holder{}
	}
	return h
}

// usersLock is the lock of usersFile.
func usersLock(dir string) *flock.Flock { return fileLock(filepath.Join(dir, usersFile)) }

// fileLock is the lock of a file, which is made where it is not there.
func fileLock(path string) *flock.Flock {
	return flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
}
