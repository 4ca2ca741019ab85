package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// buildTime is the time for compiling and starting, beyond a test's own.
const buildTime = 5 * time.Minute

// command is one `go test`.
type command struct {
	root, dir    string
	pkg, pattern string
	env          []string
	limit        time.Duration
	// overlaid is a file to be replaced by text; "" for none.
	overlaid, text string

	took time.Duration
}

// run runs the command in its own temporary folder, and leaves no process behind: a
// test that panics or times out does not stop its child processes.
func (c *command) run(ctx context.Context) (out string, failed bool, err error) {
	tmp := filepath.Join(c.dir, "tmp")
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return "", false, fmt.Errorf("making a folder for a test: %w", err)
	}
	defer func() { err = errors.Join(err, remove(c.dir)) }()
	env := append(append(os.Environ(), c.env...), "TMPDIR="+tmp)
	args := []string{"test", "-count=1", "-v", "-vet=off", "-timeout", c.limit.String(), "-run", c.pattern}
	if c.overlaid != "" {
		overlay, err := c.overlay()
		if err != nil {
			return "", false, err
		}
		args = append(args, "-overlay", overlay)
		// Tests that build a command must build the mutant too.
		env = append(env, "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+overlay))
	}
	ctx, cancel := context.WithTimeout(ctx, c.limit+buildTime)
	defer cancel()
	started := time.Now()
	out, err = supervise(ctx, c.root, filepath.Join(c.dir, "output"), env, append(args, c.pkg))
	c.took = time.Since(started)
	var exit *osexec.ExitError
	if errors.As(err, &exit) && ctx.Err() == nil {
		return out, true, nil
	}
	if err != nil {
		err = fmt.Errorf("running go test: %w", errors.Join(err, ctx.Err()))
	}
	return out, false, err
}

// overlay writes the mutated file and the overlay that names it.
func (c *command) overlay() (string, error) {
	copied := filepath.Join(c.dir, "mutated-"+filepath.Base(c.overlaid))
	if err := os.WriteFile(copied, []byte(c.text), 0o600); err != nil {
		return "", fmt.Errorf("writing the mutated file: %w", err)
	}
	text, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(c.root, filepath.FromSlash(c.overlaid)): copied},
	})
	if err != nil {
		return "", fmt.Errorf("encoding the overlay: %w", err)
	}
	path := filepath.Join(c.dir, "overlay.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", fmt.Errorf("writing the overlay: %w", err)
	}
	return path, nil
}

// supervise runs the go command in its own process group, and kills what is left of
// that. The output goes to a file, because a remaining process would keep a pipe open
// for ever.
func supervise(ctx context.Context, dir, output string, env, args []string) (string, error) {
	file, err := os.Create(output)
	if err != nil {
		return "", fmt.Errorf("making the output file: %w", err)
	}
	defer func() { _ = file.Close() }() // it is read as a whole below
	cmd := osexec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, file, file
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	end := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = end
	if err := cmd.Start(); err != nil {
		return "", err
	}
	runErr := cmd.Wait()
	_ = end() // usually nothing is left
	text, err := os.ReadFile(output)
	if err != nil {
		return "", fmt.Errorf("reading the output: %w", err)
	}
	return string(text), runErr
}

// remove removes a test's folder, and first unmounts the small disk that a failed test
// may have left mounted in it.
func remove(dir string) error {
	if mounts, err := os.ReadFile("/proc/mounts"); err == nil { // exists only on Linux
		for line := range strings.Lines(string(mounts)) {
			if fields := strings.Fields(line); len(fields) > 1 && strings.HasPrefix(fields[1], dir+"/") {
				_ = osexec.Command("umount", "-l", fields[1]).Run() // if it stays, RemoveAll fails
			}
		}
	}
	// The embedded ClickHouse ends a moment after its parent, and writes until then.
	var err error
	for range 50 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("removing a test's folder: %w", err)
}
