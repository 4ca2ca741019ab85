package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// How workerd is kept up.
const (
	startTimeout = 20 * time.Second
	// maxRestarts is how often it is restarted without having been up for steady.
	maxRestarts = 5
	steady      = time.Minute
	// maxLog is the size in bytes at which its log is rotated when it starts; one old log is kept.
	maxLog = 16 << 20
)

// workerd runs the Worker in a child process. The listener is this process's, and the child inherits it:
// while a child that has ended is restarted, clients wait.
type workerd struct {
	program, config string
	environment     []string
	// token signs in the first request, which tells whether the Worker answers.
	token    string
	logPath  string
	log      *slog.Logger
	listener *os.File
	addr     string

	end  context.CancelFunc
	over chan struct{} // closed when there will be no more children
}

// startWorkerd starts the Worker and returns once it answers. stop ends it.
func startWorkerd(ctx context.Context, w *workerd) (err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("opening the Worker's port: %w", err)
	}
	w.addr = l.Addr().String()
	w.listener, err = l.(*net.TCPListener).File()
	if err = errors.Join(err, l.Close()); err != nil { // the file keeps the socket open
		return fmt.Errorf("handing workerd its port: %w", err)
	}
	if info, err := os.Stat(w.logPath); err == nil && info.Size() > maxLog {
		if err := os.Rename(w.logPath, w.logPath+".1"); err != nil {
			return errors.Join(fmt.Errorf("rotating workerd's log: %w", err), w.listener.Close())
		}
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	w.end, w.over = end, make(chan struct{})
	first, err := w.launch(life)
	if err == nil {
		if err = w.await(ctx, first); err == nil {
			go w.supervise(life, first)
			return nil
		}
		end()
		for range first { // its end: it was killed, or the error is known
		}
	}
	end()
	return errors.Join(err, w.listener.Close())
}

// stop ends the child, and returns once it is gone.
func (w *workerd) stop() {
	w.end()
	<-w.over
}

// supervise restarts the child, until stop or until it has ended too often; then the port is closed, so
// that clients do not wait.
func (w *workerd) supervise(ctx context.Context, child <-chan error) {
	defer close(w.over)
	defer func() { _ = w.listener.Close() }()
	pause := backoff.NewExponentialBackOff(backoff.WithInitialInterval(200*time.Millisecond), backoff.WithMaxInterval(10*time.Second), backoff.WithMaxElapsedTime(0))
	for starts, began := 0, time.Now(); ; {
		cause := <-child
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > steady {
			starts = 0
			pause.Reset()
		}
		if starts++; starts > maxRestarts {
			w.log.ErrorContext(ctx, "giving up the dashboard's Worker; polo up runs on without it", slog.Int("restarts", maxRestarts), slog.Any("cause", cause))
			return
		}
		wait := pause.NextBackOff()
		w.log.ErrorContext(ctx, "the dashboard's Worker has ended; restarting it", slog.Any("cause", cause), slog.Duration("after", wait), slog.Int("start", starts))
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		began = time.Now()
		next, err := w.launch(ctx)
		if err != nil {
			failed := make(chan error, 1)
			failed <- err
			next = failed
		}
		child = next
	}
}

// launch starts a child. Its end is sent on the channel, which is then closed. The end of ctx kills it.
func (w *workerd) launch(ctx context.Context) (<-chan error, error) {
	log, err := os.OpenFile(w.logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening workerd's log: %w", err)
	}
	// The first of ExtraFiles is descriptor 3. With -I, an absolute path in the configuration is one of the machine's.
	name, args := orphanless(w.program, "serve", "-I", "/", "-S", "http=3", w.config)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Dir = w.environment, filepath.Dir(w.config)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{w.listener}
	cmd.SysProcAttr = attributes()
	// The child's standard input ends with this process.
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making workerd's standard input: %w", err), log.Close())
	}
	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		// Linux kills the child when the thread that started it ends, so this thread stays for it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer func() { _ = log.Close() }()
		err := cmd.Start()
		started <- err
		if err != nil {
			_ = stdin.Close()
			return
		}
		err = cmd.Wait()
		if err == nil {
			err = errors.New("exit status 0")
		}
		ended <- fmt.Errorf("workerd ended: %w%s", err, w.logTail())
		close(ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", w.program, err)
	}
	return ended, nil
}

// await returns once the Worker answers anything.
func (w *workerd) await(ctx context.Context, child <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	answered := make(chan error, 1)
	go func() {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.addr+"/api/me", nil)
		if err != nil {
			answered <- err
			return
		}
		r.Close = true
		r.Header.Set(assertionHeader, w.token)
		resp, err := http.DefaultClient.Do(r) // it waits in the listener's queue until workerd accepts
		if err == nil {
			err = resp.Body.Close()
		}
		answered <- err
	}()
	select {
	case err := <-answered:
		if err != nil {
			return fmt.Errorf("waiting for the dashboard's Worker: %w%s", err, w.logTail())
		}
		return nil
	case err := <-child:
		return err
	}
}

// logTail returns the end of workerd's log, for an error message.
func (w *workerd) logTail() string {
	f, err := os.Open(w.logPath)
	if err != nil {
		return "\nits log cannot be read: " + err.Error()
	}
	defer func() { _ = f.Close() }()
	const most = 1000
	if info, err := f.Stat(); err == nil && info.Size() > most {
		_, _ = f.Seek(-most, io.SeekEnd) // else it is read from the start
	}
	text, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil || len(text) == 0 {
		return "; its log is " + w.logPath
	}
	return "\nits log, " + w.logPath + ", ends:\n" + strings.TrimSpace(string(text))
}
