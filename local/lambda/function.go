package lambda

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Options configure a Function.
type Options struct {
	Name string
	// Bootstrap is the program that the runtime starts.
	Bootstrap string
	// Dir holds each environment's /tmp, which outlives a crash. The program gets it as
	// TMPDIR.
	Dir string
	// Env are the function's own variables. It inherits nothing from this process's
	// environment.
	Env map[string]string
	// Timeout bounds an invocation: from a second to 15 minutes. Zero means three seconds,
	// AWS's default.
	Timeout time.Duration
	// Memory is the function's memory in bytes; zero means 128 MiB, AWS's default. A
	// process that takes more is killed.
	Memory int64
	// Concurrency bounds the environments; zero means 1000.
	Concurrency int
	// Idle is how long an idle environment is kept; zero means five minutes.
	Idle time.Duration
	// Log gets the function's output, and a report of each invocation.
	Log io.Writer
	// Region is the function's AWS_REGION.
	Region string
}

func (o Options) withDefaults() (Options, error) {
	if o.Timeout == 0 {
		o.Timeout = 3 * time.Second
	}
	if o.Memory == 0 {
		o.Memory = 128 << 20
	}
	if o.Concurrency == 0 {
		o.Concurrency = 1000
	}
	if o.Idle == 0 {
		o.Idle = 5 * time.Minute
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	switch {
	case o.Name == "":
		return o, errors.New("a function without a name")
	case o.Timeout < time.Second || o.Timeout > maxTimeout:
		return o, fmt.Errorf("function %s: a timeout of %s is not from a second to %s", o.Name, o.Timeout, maxTimeout)
	case o.Dir == "":
		return o, fmt.Errorf("function %s: no Dir for its environments", o.Name)
	}
	info, err := os.Stat(o.Bootstrap)
	switch {
	case err != nil:
		return o, fmt.Errorf("function %s: its program: %w", o.Name, err)
	case info.IsDir() || info.Mode()&0o111 == 0:
		return o, fmt.Errorf("function %s: %s is not an executable program", o.Name, o.Bootstrap)
	}
	return o, nil
}

// Function is a Lambda function. It is safe for concurrent use.
type Function struct {
	opts Options
	log  *lines

	mu     sync.Mutex
	idle   []*environment // the last used is at the end
	total  int
	nextID int
	freed  []int // numbers of removed environments
	closed bool
	stats  Stats
	work   sync.WaitGroup
	reaper *time.Ticker
	done   chan struct{}
}

// Stats is what a function has done so far.
type Stats struct {
	Invocations, Errors, Throttles int64
	// ColdStarts counts started processes. InitTime is how long the slowest took to
	// request its first event.
	ColdStarts int64
	InitTime   time.Duration
	// MaxMemory is the most memory that a process took; AtRest is what the last started
	// one took before its first invocation. In bytes; zero if the system does not say.
	MaxMemory, AtRest int64
}

// New returns a function. Its first process starts at the first invocation.
func New(o Options) (*Function, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	f := &Function{opts: o, log: &lines{to: o.Log, name: o.Name}, reaper: time.NewTicker(max(o.Idle/10, time.Millisecond)), done: make(chan struct{})}
	f.work.Go(f.reap)
	return f, nil
}

// ARN returns the function's ARN.
func (f *Function) ARN() string {
	return fmt.Sprintf("arn:aws:lambda:%s:000000000000:function:%s", f.opts.Region, f.opts.Name)
}

// Name returns the function's name.
func (f *Function) Name() string { return f.opts.Name }

// Region returns the function's region.
func (f *Function) Region() string { return f.opts.Region }

// Timeout returns how long an invocation may take.
func (f *Function) Timeout() time.Duration { return f.opts.Timeout }

// Stats returns what the function has done so far.
func (f *Function) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats
}

// ErrThrottled means that all environments that there may be are busy.
var ErrThrottled = errors.New("TooManyRequestsException: rate exceeded")

// ErrClosed means that the function is shut down.
var ErrClosed = errors.New("the function is shut down")

// Error is a failed invocation, as Lambda reports it.
type Error struct {
	RequestID string
	Type      string `json:"errorType"`
	Message   string `json:"errorMessage"`
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Types of errors that Lambda reports, not the function.
const (
	ErrorTimeout  = "Sandbox.Timedout"
	ErrorExit     = "Runtime.ExitError"
	ErrorMemory   = "Runtime.OutOfMemory"
	ErrorTooLarge = "Function.ResponseSizeTooLarge"
	errorRequest  = "RequestEntityTooLargeException"
)

// Invocation is one event for a function.
type Invocation struct {
	Payload []byte
	// Trace is the X-Ray trace header, if any.
	Trace string
}

// Invoke runs the function once and returns its response. A failure of the function is an
// *Error. An invocation that has begun is not interrupted when ctx ends.
func (f *Function) Invoke(ctx context.Context, in Invocation) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(in.Payload) > maxPayload {
		return nil, &Error{Type: errorRequest, Message: fmt.Sprintf("%d bytes are more than %d", len(in.Payload), maxPayload)}
	}
	e, err := f.take()
	if err != nil {
		return nil, err
	}
	defer f.work.Done()
	answer, err := e.invoke(uuid.NewString(), in)
	f.give(e, err)
	return answer, err
}

// take returns an idle environment, or a new one.
func (f *Function) take() (*environment, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, ErrClosed
	}
	f.stats.Invocations++
	if n := len(f.idle); n > 0 {
		e := f.idle[n-1]
		f.idle = f.idle[:n-1]
		f.work.Add(1)
		return e, nil
	}
	if f.total >= f.opts.Concurrency {
		f.stats.Throttles++
		return nil, fmt.Errorf("%w: %s has %d environments, all busy", ErrThrottled, f.opts.Name, f.total)
	}
	id := f.nextID
	if n := len(f.freed); n > 0 {
		id = f.freed[n-1]
		f.freed = f.freed[:n-1]
	} else {
		f.nextID++
	}
	dir := filepath.Join(f.opts.Dir, fmt.Sprintf("%s-%d", f.opts.Name, id))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making an environment of %s: %w", f.opts.Name, err)
	}
	f.total++
	f.work.Add(1)
	return &environment{f: f, id: id, dir: dir}, nil
}

// give returns an environment after an invocation.
func (f *Function) give(e *environment, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.stats.Errors++
	}
	e.since = time.Now()
	f.idle = append(f.idle, e)
}

func (f *Function) started(took time.Duration, atRest int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stats.ColdStarts++
	f.stats.InitTime = max(f.stats.InitTime, took)
	f.stats.AtRest = atRest
}

func (f *Function) held(bytes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stats.MaxMemory = max(f.stats.MaxMemory, bytes)
}

// reap stops environments that have been idle for a while.
func (f *Function) reap() {
	for {
		select {
		case <-f.done:
			return
		case <-f.reaper.C:
		}
		f.mu.Lock()
		var old []*environment
		f.idle = slices.DeleteFunc(f.idle, func(e *environment) bool {
			if time.Since(e.since) < f.opts.Idle {
				return false
			}
			old = append(old, e)
			return true
		})
		f.mu.Unlock()
		for _, e := range old {
			e.stop()
			f.mu.Lock()
			f.total--
			f.freed = append(f.freed, e.id)
			f.mu.Unlock()
		}
	}
}

// Close waits for the running invocations, and stops all environments.
func (f *Function) Close() error {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return nil
	}
	f.closed = true
	f.mu.Unlock()
	f.reaper.Stop()
	close(f.done)
	f.work.Wait()
	var all sync.WaitGroup
	for _, e := range f.idle {
		all.Go(e.stop)
	}
	all.Wait()
	return f.log.err()
}

// lines writes whole lines from several writers.
type lines struct {
	name string
	mu   sync.Mutex
	to   io.Writer
	bad  error
}

func (l *lines) err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bad
}

func (l *lines) line(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := io.WriteString(l.to, strings.TrimSuffix(text, "\n")+"\n"); err != nil && l.bad == nil {
		l.bad = fmt.Errorf("writing the log of %s: %w", l.name, err)
	}
}
