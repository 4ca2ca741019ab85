package sqs

import (
	"errors"
	"fmt"
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
}

// store keeps queues and messages in a bbolt file. Changes are queued in order and committed together by one
// goroutine: whatever gathers during one commit goes into the next.
//
// A nil store stores nothing.
type store struct {
	db *bbolt.DB

	mu      sync.Mutex
	gather  *group // what the next commit will hold
	broken  error  // a failed commit; nothing is written after it
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

// openTimeout is how long another process may hold the file before that is an error.
const openTimeout = 2 * time.Second

func rootBuckets() [3][]byte {
	return [3][]byte{[]byte("queues"), []byte("messages"), []byte("progress")}
}

// openStore opens or makes the store in dir. With sync, a commit waits for the disk.
func openStore(dir string, sync bool) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	db, err := bbolt.Open(filepath.Join(dir, storeFile), 0o600, &bbolt.Options{
		Timeout: openTimeout, NoSync: !sync, NoGrowSync: !sync, NoFreelistSync: true,
		FreelistType: bbolt.FreelistMapType,
	})
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return nil, fmt.Errorf("opening %s: another process has it open", filepath.Join(dir, storeFile))
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", filepath.Join(dir, storeFile), err)
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
		db: db, gather: newGroup(), work: make(chan struct{}, 1), stopped: make(chan struct{}),
	}
	go s.run()
	return s, nil
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
	if s.broken != nil || s.closing {
		g := newGroup()
		g.err = errors.Join(s.broken, errors.New("the store takes no more changes"))
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

func (s *store) run() {
	defer close(s.stopped)
	for range s.work {
		s.mu.Lock()
		g := s.gather
		s.gather = newGroup()
		err := s.broken
		s.mu.Unlock()
		if err == nil && len(g.ops) > 0 {
			err = s.commit(g.ops)
		}
		if err != nil {
			s.mu.Lock()
			s.broken = err
			s.mu.Unlock()
		}
		g.err = err
		close(g.done)
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
	return nil
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
	err := s.db.Close()
	if err != nil {
		err = fmt.Errorf("closing the store: %w", err)
	}
	return errors.Join(s.broken, err)
}
