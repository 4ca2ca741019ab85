package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
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

// lockDir ensures that one process runs the stack on dir.
func lockDir(dir string, h Holder) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the data directory's lock: %w", err)
	}
	// A process that checks whether the directory is free holds the lock for a moment.
	free := false
	for range 10 {
		if free, err = tryLock(f, syscall.LOCK_EX); free || err != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking the data directory: %w", err), f.Close())
	}
	if !free {
		return nil, errors.Join(&BusyError{Dir: dir, Holder: holder(dir)}, f.Close())
	}
	text, err := json.Marshal(h)
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt(text, 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("writing the data directory's lock: %w", err), f.Close())
	}
	return f, nil
}

// held reports whether a process runs the stack on dir.
func held(dir string) (bool, error) {
	f, err := os.Open(filepath.Join(dir, lockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("opening the data directory's lock: %w", err)
	}
	defer func() { _ = f.Close() }()
	free, err := tryLock(f, syscall.LOCK_SH)
	if err != nil {
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

func openUsers(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, usersFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the list of users: %w", err)
	}
	return f, nil
}

// tryLock locks f and reports whether it succeeded; false means that another process
// holds it.
func tryLock(f *os.File, how int) (bool, error) {
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, err
		}
	}
}
