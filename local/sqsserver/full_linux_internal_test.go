package sqsserver

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"polo/local/logtest"
)

// TestFullDisk fills the disk under a running server twice. The server refuses what it cannot store with an error that
// clients retry, and resumes by itself once there is room. What it acknowledged is there afterwards.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("this test mounts a small disk, which needs root")
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	dir, filler := filepath.Join(disk, "sqs"), filepath.Join(disk, "filler")
	var log logtest.Log
	s, err := New(Options{Dir: dir, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ask(t, s, "CreateQueue", `{"QueueName":"q"}`)
	const queue = `{"QueueUrl":"http://sqs.local/000000000000/q"`
	body := strings.Repeat("x", 64<<10)
	acked := map[string]bool{}
	send := func(n int) bool {
		id := fmt.Sprintf("message-%d-", n)
		status, answer := ask(t, s, "SendMessage", queue+`,"MessageBody":"`+id+body+`"}`)
		if status/100 == 5 {
			return false
		}
		if status != http.StatusOK {
			t.Fatalf("a refusal that no client retries: %d %s", status, answer)
		}
		acked[id] = true
		return true
	}
	for round := range 2 {
		if !send(round) {
			t.Fatalf("round %d: refused before the disk is full", round)
		}
		fillDisk(t, filler)
		n := 0
		for ; n < 200 && send(1000*(round+1)+n); n++ {
		}
		if n == 200 {
			t.Fatal("the disk was not full")
		}
		if status, _ := ask(t, s, "SendMessage", queue+`,"MessageBody":"small"}`); status != http.StatusServiceUnavailable {
			t.Errorf("round %d: on a full disk: status %d", round, status)
		}
		if status, answer := ask(t, s, "GetQueueAttributes", queue+`,"AttributeNames":["All"]}`); status != http.StatusOK {
			t.Errorf("round %d: it cannot even be asked: %d %s", round, status, answer)
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		for until := time.Now().Add(10 * time.Second); !send(10 + round); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("round %d: it does not resume:\n%s", round, log.String())
			}
		}
	}
	if text := log.String(); strings.Count(text, "changes are refused") != 2 || strings.Count(text, "changes are accepted") != 2 || !strings.Contains(text, storeFile) {
		t.Errorf("the log lacks it:\n%s", text)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if s, err = New(Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for {
		_, answer := ask(t, s, "ReceiveMessage", queue+`,"MaxNumberOfMessages":10}`)
		parts := strings.Split(answer, `"Body":"`)[1:]
		if len(parts) == 0 {
			break
		}
		for _, p := range parts {
			found[p[:strings.LastIndex(p[:40], "-")+1]] = true
		}
	}
	for id := range acked {
		if !found[id] {
			t.Errorf("%s was acknowledged and is lost", id)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// fillDisk writes until nothing more fits.
func fillDisk(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(f, zeros{})
	if err == nil {
		t.Error("the disk has no end")
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
