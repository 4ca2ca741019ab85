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
	// maxAlone is how often a message may crash the process while alone in flight, before it goes
	// to the dead-letter queue.
	maxAlone = 3 //mutant:given-up-at-first-crash
	// suspicion is how long a message that was in flight in a crash is remembered. It may have been
	// redelivered to another consumer since.
	suspicion = 24 * time.Hour
)

// CrashLog records on disk which messages are in flight, so that the next process after a crash
// knows which to try alone. It survives a kill of the process, not of the machine, whose crash is
// no message's fault. Safe for concurrent use.
type CrashLog struct {
	path string
	now  func() time.Time

	mu    sync.Mutex
	state crashState
}

// crashState is the content of the file.
type crashState struct {
	// InFlight are the messages in flight; the value reports whether the message is alone.
	InFlight map[string]bool `json:"in_hand"`
	// Suspects are the messages that were in flight in a crash.
	Suspects map[string]suspect `json:"suspects"`
}

type suspect struct {
	// Alone counts the crashes with nothing else in flight.
	Alone int       `json:"alone"`
	Last  time.Time `json:"last"`
}

// OpenCrashLog reads the file at path, which need not exist. Messages that were in flight become
// suspects. A file that is no crash log is overwritten, because it only ever held hints.
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
			s.Alone++ //mutant:crash-alone-not-counted
		}
		l.state.Suspects[id] = s
	}
	return l, l.save()
}

// suspected reports whether the message was in flight in a crash. alone counts the crashes in which
// it was alone.
func (l *CrashLog) suspected(id string) (alone int, ok bool) {
	if l == nil {
		return 0, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.state.Suspects[id]
	return s.Alone, ok
}

// begin records messages as in flight; alone reports that one is tried by itself.
func (l *CrashLog) begin(ids []string, alone bool) error {
	return l.change(func(s *crashState) {
		for _, id := range ids {
			s.InFlight[id] = alone
		}
	})
}

// end removes messages from those in flight. If cleared, they also stop being suspects.
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

// save replaces the whole file. It does not sync, because the page cache outlives the process.
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
