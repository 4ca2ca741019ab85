package dashboard

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A watched program ends with its standard input, and as itself before.
func TestWatched(t *testing.T) {
	t.Parallel()
	run := func(program string, args ...string) (cmd *exec.Cmd, stop func(), ended chan error) {
		name, args := watched(program, args...)
		cmd = exec.CommandContext(t.Context(), name, args...)
		file, err := os.Create(filepath.Join(t.TempDir(), "inherited"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = file.Close() })
		cmd.ExtraFiles = []*os.File{file}
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended = make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		return cmd, func() { _ = stdin.Close() }, ended
	}
	_, stop, ended := run("sleep", "60")
	select {
	case err := <-ended:
		t.Fatalf("it ended early: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	stop()
	select {
	case err := <-ended:
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it outlives its standard input")
	}
	// It is the process that was started, with the files that it inherits.
	cmd, stop, ended := run("sh", "-c", `echo $$ >&3; exit 7`)
	defer stop()
	if err := <-ended; cmd.ProcessState.ExitCode() != 7 {
		t.Errorf("it ended with %v", err)
	}
}
