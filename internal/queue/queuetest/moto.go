package queuetest

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"
)

// StartMoto starts moto_server, an independent implementation of the SQS protocol, and
// returns its endpoint. It skips the test if moto_server is not on the PATH.
func StartMoto(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("moto_server is not on the PATH")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(path, "-H", host, "-p", port)
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	var ended error
	go func() {
		defer close(exited)
		ended = cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have exited already
		<-exited
	})
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		select {
		case <-exited:
			t.Fatalf("moto_server ended: %v\n%s", ended, log.String())
		case <-time.After(50 * time.Millisecond):
		}
		if answers("http://" + address + "/moto-api/") {
			return "http://" + address
		}
	}
	t.Fatal("moto_server does not answer within a minute")
	return ""
}

func answers(url string) bool {
	r, err := http.Get(url) //nolint:gosec // the address of our own child
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, r.Body)
	return r.Body.Close() == nil && err == nil && r.StatusCode == http.StatusOK
}
