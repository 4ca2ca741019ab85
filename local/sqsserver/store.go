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

// opKind is the kind of an op.
type opKind uint8

const (
	opBarrier     opKind = iota // no change: waiting for it waits for all ops before it
	opPutMessage                // value is a record
	opPutProgress               // value is a message's progress
	opDelete                    // message and progress
	opPutQueue                  // value is a queue's JSON
	opDeleteQueue               // with its content
	opPurge                     // all messages of the queue
)

// op is one change to the store.
type op struct {
	kind       opKind
	queue, seq uint64
	value      []byte
	message    *message // whose content the value is
}

// store keeps queues and messages in a bbolt file. One goroutine commits queued changes in order: whatever arrives
// during one commit goes into the next. Changes that could not be committed, on a full disk for example, are retried
// before all later ones until they succeed, because memory already has them.
//
// A nil store stores nothing.
type store struct {
	db  *bbolt.DB
	log *slog.Logger
	// stored is called with what was committed, before those who wait for it continue.
	stored func([]op)
	pages  pages

	mu      sync.Mutex
	gather  *group // the changes of the next commit
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

// wait blocks until the group is committed. A nil group is committed.
func (g *group) wait() error {
	if g == nil {
		return nil
	}
	<-g.done
	return g.err
}

const storeFile = "sqs.db"

const (
	// openTimeout is how long to wait for another process that has the file open.
	openTimeout = 2 * time.Second
	// retryPause is the wait between two tries of a failed commit.
	retryPause = time.Second
)

func rootBuckets() [3][]byte {
	return [3][]byte{[]byte("queues"), []byte("messages"), []byte("progress")}
}

// openStore opens or creates the store in dir. With sync, a commit waits for the disk.
func openStore(dir string, sync bool, log *slog.Logger, stored func([]op)) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	path := filepath.Join(dir, storeFile)
	if err := checkFile(path); err != nil { //mutant:damaged-queue-trusted
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

// unreadable wraps an error of a store's file with the remedy.
func unreadable(path string, err error) error {
	return fmt.Errorf("the queues' file %s cannot be used: %w; move it away (mv %[1]s %[1]s.damaged) and start again: the queues begin empty, and messages that were in them "+
		"and not yet in ClickHouse are lost, so ingest again what they came from", path, err)
}

func newGroup() *group { return &group{done: make(chan struct{})} }

// add queues changes. They are committed in the order of the calls, and those of one call together. Values must not
// change afterwards.
func (s *store) add(ops ...op) *group {
	if s == nil || len(ops) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		g := newGroup()
		g.err = errors.New("the store accepts no more changes")
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

// failed returns why commits fail at present, or nil.
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
	var owed []op // changes that memory has and the file does not
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
			s.setFailure(g.err)
		}
		if g.err == nil {
			owed = nil
		}
		close(g.done)
	}
}

// setFailure records the result of a commit, and logs when it changes.
func (s *store) setFailure(err error) {
	s.mu.Lock()
	before := s.failure
	s.failure = err
	s.mu.Unlock()
	switch {
	case err != nil && before == nil:
		s.log.Error("writing the queue failed; changes are refused, and the write is retried every second", slog.String("file", s.db.Path()), slog.Any("error", err))
	case err == nil && before != nil:
		s.log.Warn("writing the queue works again; changes are accepted", slog.String("file", s.db.Path()))
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

// errNoRecord means that a message is no longer in the store.
var errNoRecord = errors.New("no record of the message")

// read reads a message's content.
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
	// run still receives a buffered signal, so it commits everything that was added before it ends.
	close(s.work)
	s.mu.Unlock()
	<-s.stopped
	s.leaveFreelist() //mutant:file-is-looked-through
	err := s.db.Close()
	if err != nil {
		err = fmt.Errorf("closing the store: %w", err)
	}
	return errors.Join(s.failure, err)
}

// leaveFreelist writes the list of free pages. It is left out while the store is open, because it is most of the
// cost of a commit. Without it, the next open reads every page, which takes as much memory as the file is large. If
// the file does not take it, that is what happens.
func (s *store) leaveFreelist() {
	s.db.NoFreelistSync = false
	_ = s.db.Update(func(*bbolt.Tx) error { return nil }) // without it the next open is only slower
}
