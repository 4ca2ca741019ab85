package consumer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

const (
	// maxAlone is how often a message may crash the process while it is alone in
	// flight, before it is given up.
	maxAlone = 3
	// suspicion is how long a message is remembered that was in flight in a crash; it
	// may have been redelivered to another consumer since.
	suspicion = 24 * time.Hour
)

// CrashLog remembers on disk which messages are in flight, so that the process
// that comes after a crash knows which to be careful with. It outlives a kill of
// the process, not of the machine, and need not: that is not a message's fault.
// Safe for concurrent use.
type CrashLog struct {
	path string
	now  func() time.Time

	mu    sync.Mutex
	state crashState
}

// crashState is the file's content.
type crashState struct {
	// InFlight are the messages being worked on, each with whether it is alone.
	InFlight map[string]bool `json:"in_hand"`
	// Suspects are those that were in flight in a crash.
	Suspects map[string]suspect `json:"suspects"`
}

type suspect struct {
	// Alone counts the crashes with nothing else in flight.
	Alone int       `json:"alone"`
	Last  time.Time `json:"last"`
}

// OpenCrashLog reads the file at path, which need not exist. What was in flight
// is suspect from now on. Text that is no crash log is written over: it only ever
// held hints.
func OpenCrashLog(path string, now func() time.Time) (*CrashLog, error) {
	l := &CrashLog{path: path, now: now, state: crashState{InFlight: map[string]bool{}, Suspects: map[string]suspect{}}}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return l, nil
	case err != nil:
		return nil, fmt.Errorf("reading the crash log: %w", err)
	}
	var found crashState
	if json.Unmarshal(text, &found) != nil {
		found = crashState{}
	}
	for id, s := range found.Suspects {
		if now().Sub(s.Last) < suspicion {
			l.state.Suspects[id] = s
		}
	}
	for id, alone := range found.InFlight {
		s := l.state.Suspects[id]
		if s.Last = now(); alone {
			s.Alone++
		}
		l.state.Suspects[id] = s
	}
	return l, l.save()
}

// suspected reports whether the message was in flight in a crash, and alone is how often
// with nothing else.
func (l *CrashLog) suspected(id string) (alone int, ok bool) {
	if l == nil {
		return 0, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.state.Suspects[id]
	return s.Alone, ok
}

// begin notes messages as in flight; alone when there is one, tried by itself.
func (l *CrashLog) begin(ids []string, alone bool) error {
	return l.change(func(s *crashState) {
		for _, id := range ids {
			s.InFlight[id] = alone
		}
	})
}

// end notes that they are in flight no longer. Those that are cleared are suspect no
// longer, either.
func (l *CrashLog) end(ids []string, cleared bool) error {
	return l.change(func(s *crashState) {
		for _, id := range ids {
			delete(s.InFlight, id)
			if cleared {
				delete(s.Suspects, id)
			}
		}
	})
}

func (l *CrashLog) change(do func(*crashState)) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	do(&l.state)
	return l.save()
}

// save replaces the file as a whole. It is not synced: the page cache outlives
// the process.
func (l *CrashLog) save() error {
	text, err := json.Marshal(l.state)
	if err != nil {
		return fmt.Errorf("encoding the crash log: %w", err)
	}
	tmp := l.path + ".new"
	if err := os.WriteFile(tmp, text, 0o600); err != nil {
		return fmt.Errorf("writing the crash log: %w", err)
	}
	if err := os.Rename(tmp, l.path); err != nil {
		return fmt.Errorf("writing the crash log: %w", err)
	}
	return nil
}
