package stack_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polo/internal/queue"
	"polo/local/chdb"
	"polo/local/stack"
)

func TestMain(m *testing.M) {
	chdb.RunChild()
	os.Exit(m.Run())
}

func open(t *testing.T, o stack.Options) *stack.Session {
	t.Helper()
	s, err := stack.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closed(t *testing.T, s *stack.Session) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenJoinsARunningStack(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if holds, err := stack.Holds(dir); holds || err != nil {
		t.Fatalf("a directory that is not there: holds data %v, %v", holds, err)
	}
	own := open(t, stack.Options{Dir: dir, Command: "polo test", Drains: true})
	if own.Own == nil {
		t.Fatal("joined a stack that does not run")
	}
	_, err := stack.Start(t.Context(), stack.Options{Dir: dir})
	if !errors.Is(err, stack.ErrBusy) || !strings.Contains(err.Error(), "(polo test)") || !strings.Contains(err.Error(), dir) {
		t.Errorf("a second stack on the directory: %v, want ErrBusy with who and where", err)
	}
	joined := open(t, stack.Options{Dir: dir, Drains: true})
	if joined.Own != nil {
		t.Fatal("started a second stack")
	}
	// Over HTTP, as another process would.
	main, _ := joined.Endpoints.Queues()
	if errs := main.SendBatch(t.Context(), []queue.Outgoing{{Body: "kept"}}); errs != nil {
		t.Fatal(errs)
	}
	// The process that runs the stack waits for those that joined.
	left := make(chan error, 1)
	go func() { left <- own.AwaitOthers(t.Context(), nil) }()
	select {
	case err := <-left:
		t.Fatalf("it did not wait for the other: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	watched, stop := joined.Watch(t.Context())
	defer stop()
	closed(t, joined)
	if err := <-left; err != nil {
		t.Fatal(err)
	}
	// From then on nobody can join; a process that tries waits and starts the next
	// stack.
	next := make(chan *stack.Session, 1)
	go func() {
		s, err := stack.Open(t.Context(), stack.Options{Dir: dir})
		if err != nil {
			t.Error(err)
		}
		next <- s
	}()
	time.Sleep(200 * time.Millisecond)
	closed(t, own)
	s := <-next
	if s == nil || s.Own == nil {
		t.Fatalf("joined a stack that has ended: %+v", s)
	}
	defer closed(t, s)
	<-watched.Done()
	if err := context.Cause(watched); !errors.Is(err, stack.ErrGone) {
		t.Errorf("the end of the stack: %v, want ErrGone", err)
	}
	// The next stack, on other ports, has the message.
	got, err := s.Own.Queue.Receive(t.Context(), 10, 0)
	if err != nil || len(got) != 1 || got[0].Body != "kept" {
		t.Errorf("received %v, %v", got, err)
	}
	if holds, err := stack.Holds(dir); !holds || err != nil {
		t.Errorf("holds data %v, %v", holds, err)
	}
}

// Files of a killed process do not look like a running stack.
func TestOpenIgnoresWhatAKilledStackLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stale := `{"pid": 1, "sqs": "http://127.0.0.1:1"}`
	if err := os.WriteFile(filepath.Join(dir, "stack.json"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	var sessions [2]*stack.Session
	opened := make(chan error, 2)
	for i := range sessions {
		go func() {
			s, err := stack.Open(t.Context(), stack.Options{Dir: dir, Drains: true})
			sessions[i] = s
			opened <- err
		}()
	}
	for range sessions {
		if err := <-opened; err != nil {
			t.Fatal(err)
		}
	}
	if (sessions[0].Own == nil) == (sessions[1].Own == nil) {
		t.Error("not one runs the stack and one has joined it")
	}
	if sessions[0].Endpoints.SQS != sessions[1].Endpoints.SQS {
		t.Errorf("they use %s and %s", sessions[0].Endpoints.SQS, sessions[1].Endpoints.SQS)
	}
	for _, s := range sessions {
		if s.Own == nil {
			closed(t, s)
		}
	}
	for _, s := range sessions {
		if s.Own != nil {
			closed(t, s)
		}
	}
}

// The events in the queue are counted as its messages state them.
func TestWaitingCountsEvents(t *testing.T) {
	t.Parallel()
	s := open(t, stack.Options{Dir: t.TempDir(), Command: "polo test"})
	defer closed(t, s)
	const pack = `{"v":1,"batch_id":"0123456789abcdef0123456789abcdef","source":"test","count":%d,"encoding":"json","events":[]}`
	if errs := s.Own.Queue.SendBatch(t.Context(), []queue.Outgoing{{Body: fmt.Sprintf(pack, 3)}, {Body: fmt.Sprintf(pack, 4)}, {Body: "no pack"}}); errs != nil {
		t.Fatal(errs)
	}
	if _, err := s.Own.Queue.Receive(t.Context(), 1, time.Second); err != nil { // in flight counts
		t.Fatal(err)
	}
	if n, err := s.Own.Waiting(); n != 7 || err != nil {
		t.Errorf("%d events wait, %v; want 7", n, err)
	}
}
