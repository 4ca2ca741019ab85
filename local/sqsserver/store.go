package sqsserver

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// opKind is what an op does.
type opKind uint8

const (
	opBarrier     opKind = iota // no change: who waits for it waits for all before it
	opPutMessage                // value is a record
	opPutProgress               // value is a message's progress
	opDelete                    // message and progress
	opPutQueue                  // value is a queue's JSON
	opDeleteQueue               // with everything in it
	opPurge                     // everything in the queue
)

// op is one change to the store.
type op struct {
	kind       opKind
	queue, seq uint64
	value      []byte
	message    *message // whose content the value is
}

// store keeps queues and messages in a bbolt file. Changes are queued in order and committed together by one
// goroutine: whatever gathers during one commit goes into the next. Changes that could not be committed, for want of
// space say, are tried again before all later ones, until they are: memory has them.
//
// A nil store stores nothing.
type store struct {
	db  *bbolt.DB
	log *slog.Logger
	// stored is told what was committed, before those who wait for it.
	stored func([]op)
	pages  pages

	mu      sync.Mutex
	gather  *group // what the next commit will hold
	failure error  // why the last commit failed; nil once one succeeds
	closing bool
	work    chan struct{}
	stopped chan struct{}
}

// group is the changes of one commit.
type group struct {
	ops  []op
	done chan struct{}
	err  error
}

// wait blocks until the group is committed. A nil group always is.
func (g *group) wait() error {
	if g == nil {
		return nil
	}
	<-g.done
	return g.err
}

const storeFile = "sqs.db"

const (
	// openTimeout is how long another process may hold the file before that is an error.
	openTimeout = 2 * time.Second
	// retryPause is between two attempts to commit what could not be committed.
	retryPause = time.Second
)

func rootBuckets() [3][]byte {
	return [3][]byte{[]byte("queues"), []byte("messages"), []byte("progress")}
}

// openStore opens or makes the store in dir. With sync, a commit waits for the disk.
func openStore(dir string, sync bool, log *slog.Logger, stored func([]op)) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	path := filepath.Join(dir, storeFile)
	if err := checkFile(path); err != nil {
		return nil, unreadable(path, err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: openTimeout, NoSync: !sync, NoGrowSync: !sync, NoFreelistSync: true,
		FreelistType: bbolt.FreelistMapType,
	})
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return nil, fmt.Errorf("opening %s: another process has it open", path)
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range rootBuckets() {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("preparing the store: %w", err), db.Close())
	}
	s := &store{
		db: db, log: log, stored: stored, gather: newGroup(), work: make(chan struct{}, 1), stopped: make(chan struct{}),
	}
	go s.run()
	return s, nil
}

// unreadable is an error of a store's file, with what to do about it.
func unreadable(path string, err error) error {
	return fmt.Errorf("the queues' file %s cannot be used: %w; move it away (mv %[1]s %[1]s.damaged) and start again: the queues begin empty, and messages that were in them "+
		"and not yet in ClickHouse are lost, so ingest again what they came from", path, err)
}

func newGroup() *group { return &group{done: make(chan struct{})} }

// add queues changes, which are committed in the order of the calls and never in part. Values must not change
// afterwards.
func (s *store) add(ops ...op) *group {
	if s == nil || len(ops) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		g := newGroup()
		g.err = errors.New("the store takes no more changes")
		close(g.done)
		return g
	}
	s.gather.ops = append(s.gather.ops, ops...)
	select {
	case s.work <- struct{}{}:
	default:
	}
	return s.gather
}

// failed returns why changes cannot be committed at present, nil when they can.
func (s *store) failed() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}

func (s *store) run() {
	defer close(s.stopped)
	var owed []op // memory has these changes and the file has not
	for open := true; open; {
		var again <-chan time.Time
		if len(owed) > 0 {
			again = time.After(retryPause)
		}
		select {
		case _, open = <-s.work:
		case <-again:
		}
		s.mu.Lock()
		g := s.gather
		s.gather = newGroup()
		s.mu.Unlock()
		owed = append(owed, g.ops...)
		if len(owed) > 0 {
			g.err = s.commit(owed)
			s.settle(g.err)
		}
		if g.err == nil {
			owed = nil
		}
		close(g.done)
	}
}

// settle takes down how a commit ended, and logs when that changes.
func (s *store) settle(err error) {
	s.mu.Lock()
	before := s.failure
	s.failure = err
	s.mu.Unlock()
	switch {
	case err != nil && before == nil:
		s.log.Error("the queue cannot be written and refuses changes until it can: it is tried again every second", slog.String("file", s.db.Path()), slog.Any("error", err))
	case err == nil && before != nil:
		s.log.Warn("the queue can be written again, and takes changes", slog.String("file", s.db.Path()))
	}
}

func (s *store) commit(ops []op) error {
	err := s.db.Update(func(tx *bbolt.Tx) error {
		t := tables{tx: tx, open: map[tableKey]*bbolt.Bucket{}}
		for _, o := range ops {
			if err := t.apply(o); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	s.stored(ops)
	for _, o := range ops {
		s.pages.touched(s.db, len(o.value))
	}
	return nil
}

// errNoRecord says that a message is no longer in the store.
var errNoRecord = errors.New("no record of the message")

// read is a message's content.
func (s *store) read(queue, seq uint64) (*content, error) {
	var record []byte
	err := s.db.View(func(tx *bbolt.Tx) error {
		if b := tx.Bucket(rootBuckets()[1]).Bucket(bigEndian(queue)); b != nil {
			record = bytes.Clone(b.Get(bigEndian(seq)))
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading a message: %w", err)
	case record == nil:
		return nil, errNoRecord
	}
	s.pages.touched(s.db, len(record))
	m, err := openRecord(record, seq)
	if err != nil {
		return nil, fmt.Errorf("reading a message: %w", err)
	}
	return m.content, nil
}

// close commits what is queued and closes the file.
func (s *store) close() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return nil
	}
	s.closing = true
	// A signal the channel holds is still received: whatever was added is committed before run ends.
	close(s.work)
	s.mu.Unlock()
	<-s.stopped
	s.leaveFreelist()
	err := s.db.Close()
	if err != nil {
		err = fmt.Errorf("closing the store: %w", err)
	}
	return errors.Join(s.failure, err)
}

// leaveFreelist writes down which pages are free. It is left out while the store is open, for it costs every commit
// more than the rest; without it the next to open the file has to look at every page, which takes as much memory as
// the file is large. A file that does not take it is opened so.
func (s *store) leaveFreelist() {
	s.db.NoFreelistSync = false
	_ = s.db.Update(func(*bbolt.Tx) error { return nil }) // only slower without
}
