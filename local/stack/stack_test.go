package stack_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"polo/internal/queue"
	"polo/local/clickhouse"
	"polo/local/stack"
)

func TestMain(m *testing.M) {
	clickhouse.RunChild()
	os.Exit(m.Run())
}

func TestJoinFindsARunningStackOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if _, running, err := stack.Join(dir); running || err != nil {
		t.Fatalf("a directory that is not there: running %v, %v", running, err)
	}
	s, err := stack.Start(t.Context(), stack.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stack.Start(t.Context(), stack.Options{Dir: dir}); !errors.Is(err, stack.ErrBusy) {
		t.Errorf("a second stack on the directory: %v, want ErrBusy", err)
	}
	ends, running, err := stack.Join(dir)
	if err != nil || !running {
		t.Fatalf("running %v, %v", running, err)
	}
	// Over HTTP, as another process would.
	main, _ := ends.Queues()
	if errs := main.SendBatch(t.Context(), []queue.Outgoing{{Body: "kept"}}); errs != nil {
		t.Fatal(errs)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, running, err := stack.Join(dir); running || err != nil {
		t.Errorf("after the stop: running %v, %v", running, err)
	}
	// The next one, on other ports, has the message.
	if s, err = stack.Start(t.Context(), stack.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}()
	got, err := s.Queue.Receive(t.Context(), 10, 0)
	if err != nil || len(got) != 1 || got[0].Body != "kept" {
		t.Errorf("received %v, %v", got, err)
	}
}
