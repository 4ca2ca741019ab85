package replay_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"polo/dlq-replay/replay"
)

func header(run string) replay.Header {
	return replay.Header{Run: run, Started: time.Now().UTC(), DLQ: "dlq", By: "alice (process 1)", Hold: time.Minute, Typed: "--all"}
}

// open opens a journal that nobody else holds.
func open(t *testing.T, path string, h replay.Header) *replay.Journal {
	t.Helper()
	j, err := replay.OpenJournal(path, h)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func closeJournal(t *testing.T, j *replay.Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// After a kill, or a full disk, in the first line, the journal counts as not begun.
func TestJournalCutInItsFirstLine(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"empty": "", "half a line": `{"run":"a","dl`} {
		path := filepath.Join(t.TempDir(), "journal")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := replay.ReadJournal(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: reading it: %v", name, err)
		}
		for i := range 2 {
			j, err := replay.OpenJournal(path, header("run"))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if j.Fresh != (i == 0) {
				t.Errorf("%s: opened for the time %d, fresh is %v", name, i+1, j.Fresh)
			}
			closeJournal(t, j)
		}
	}
}

// Reading a journal that is being written changes nothing.
func TestReadingALiveJournal(t *testing.T) {
	t.Parallel()
	parcel := replay.Parcel{Replays: 1}
	for i := range 5000 { // ten letters, each a pack of 500 events
		parcel.Statements = append(parcel.Statements, replay.Statement{ID: uuid.New(), TS: time.UnixMilli(int64(i)).UTC(), Version: uint64(i)})
	}
	dir := t.TempDir()
	for round := range 10 {
		path := filepath.Join(dir, fmt.Sprint("journal-", round))
		j := open(t, path, header("run"))
		done := make(chan struct{})
		var looks, senders sync.WaitGroup
		looks.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					if _, err := replay.ReadJournal(path); err != nil {
						t.Error(err)
					}
				}
			}
		})
		const notes = 4
		for i := range notes {
			senders.Go(func() {
				if err := j.Sent([]string{fmt.Sprint(i)}, []replay.Parcel{parcel}); err != nil {
					t.Error(err)
				}
			})
		}
		senders.Wait()
		close(done)
		looks.Wait()
		closeJournal(t, j)
		got, err := replay.ReadJournal(path)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if n := got.Count(replay.Sent); n != notes {
			t.Fatalf("round %d: %d letters were noted, and the journal knows of %d", round, notes, n)
		}
	}
}

// Reading does not truncate a line that is being written.
func TestReadingKeepsAHalfLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	closeJournal(t, open(t, path, header("run")))
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.WriteString(`{"sent":["a`); err != nil {
		t.Fatal(err)
	}
	if _, err := replay.ReadJournal(path); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("\"]}\n"); err != nil {
		t.Fatal(err)
	}
	j, err := replay.ReadJournal(path)
	if err != nil || j.Count(replay.Sent) != 1 {
		t.Errorf("the line is gone: %v", err)
	}
}

// One process at a time writes a journal; others are told which.
func TestJournalIsHeldByOne(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	first := open(t, path, header("run"))
	_, err := replay.OpenJournal(path, header("other"))
	if !errors.Is(err, replay.ErrBusy) || !strings.Contains(err.Error(), "alice (process 1)") || !strings.Contains(err.Error(), "run run") {
		t.Errorf("the second is told %v", err)
	}
	closeJournal(t, first)
	second := open(t, path, header("other"))
	defer closeJournal(t, second)
	if second.Run != "run" {
		t.Errorf("run %s was not taken up", second.Run)
	}
}

// A journal identifies its queue: queues with the same name differ.
func TestJournalOfAnotherQueue(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	h := header("run")
	h.Queue = "arn:aws:sqs:eu-west-1:111111111111:dlq"
	closeJournal(t, open(t, path, h))
	h.Queue = "arn:aws:sqs:eu-west-1:222222222222:dlq"
	if j, err := replay.OpenJournal(path, h); !errors.Is(err, replay.ErrOtherQueue) {
		t.Errorf("%v, %v", j, err)
	}
}

// A run waits for the longest hold of all its processes.
func TestJournalNotesTheHold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	for _, hold := range []time.Duration{time.Minute, time.Hour, time.Second} {
		h := header("run")
		h.Hold = hold
		j := open(t, path, h)
		closeJournal(t, j)
	}
	j := open(t, path, header("run"))
	defer closeJournal(t, j)
	if j.Hold() != time.Hour {
		t.Errorf("%s", j.Hold())
	}
}
