package lambda

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"polo/local/loopback"
)

// environment is an execution environment: a folder that stays, and a process that may be
// restarted. It handles one invocation at a time.
type environment struct {
	f     *Function
	id    int
	dir   string
	since time.Time // when it became idle
	p     *process  // nil before the first start and after the process has exited
}

// process is a running bootstrap with its Runtime API.
type process struct {
	e      *environment
	cmd    *exec.Cmd
	api    *http.Server
	began  time.Time
	exited chan struct{}
	exit   error // valid once exited is closed
	output sync.WaitGroup

	// asked gets an item whenever the runtime requests the next event.
	asked chan struct{}
	next  chan *invocation
	// failed is closed, with initErr set, once the runtime reports that it cannot start.
	failed  chan struct{}
	initErr *Error

	mu      sync.Mutex
	current *invocation
	frozen  bool
}

// invocation is an event in progress.
type invocation struct {
	id       string
	payload  []byte
	trace    string
	deadline time.Time
	answered chan struct{} // closed once there is a response or an error
	answer   []byte
	err      *Error
}

// result returns the response or error, if there is one.
func (inv *invocation) result() ([]byte, *Error) {
	if inv.err != nil {
		inv.err.RequestID = inv.id
		return nil, inv.err
	}
	return inv.answer, nil
}

func (e *environment) invoke(id string, in Invocation) ([]byte, error) {
	var init, spent time.Duration
	if e.p == nil {
		began := time.Now()
		if err := e.start(initTime); err != nil {
			// AWS starts it once more, on the invocation's own time.
			again := time.Now()
			err := e.start(e.f.opts.Timeout)
			if spent = time.Since(again); err != nil {
				e.f.log.line(fmt.Sprintf("INIT_REPORT Init Duration: %s Status: error: %v", millis(time.Since(began)), err))
				err.RequestID = id
				return nil, err
			}
		}
		init = time.Since(began)
	}
	p := e.p
	now := time.Now()
	inv := &invocation{id: id, payload: in.Payload, trace: in.Trace, deadline: now.Add(e.f.opts.Timeout - spent), answered: make(chan struct{})}
	e.f.log.line(fmt.Sprintf("START RequestId: %s Version: $LATEST", id))
	answer, err := p.run(inv)
	held := p.memory()
	e.f.held(held)
	took := time.Since(now)
	report := fmt.Sprintf("REPORT RequestId: %s Duration: %s Memory Size: %d MB Max Memory Used: %d MB", id, millis(took), e.f.opts.Memory>>20, held>>20)
	if init > 0 {
		report += " Init Duration: " + millis(init)
	}
	e.f.log.line("END RequestId: " + id)
	if err != nil {
		report += " Status: " + err.Type
	}
	e.f.log.line(report)
	if p.ended() {
		e.end()
	}
	if err != nil {
		return nil, err
	}
	return answer, nil
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

// start starts the process and waits until it requests its first event.
func (e *environment) start(within time.Duration) *Error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return &Error{Type: ErrorExit, Message: err.Error()}
	}
	p := &process{
		e: e, began: time.Now(), exited: make(chan struct{}), asked: make(chan struct{}, 1), next: make(chan *invocation), failed: make(chan struct{}),
	}
	p.api = &http.Server{Handler: loopback.Guard(p.handler()), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = p.api.Serve(l) }()
	p.cmd = exec.Command(e.f.opts.Bootstrap)
	p.cmd.Dir, p.cmd.Env = e.dir, e.variables(l.Addr().String())
	p.cmd.SysProcAttr = attributes()
	if err := p.launch(); err != nil {
		_ = p.api.Close()
		return &Error{Type: ErrorExit, Message: err.Error()}
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	var failure *Error
	select {
	case <-p.asked:
		e.p = p
		e.f.started(time.Since(p.began), p.memory())
		return nil
	case <-p.failed:
		failure = p.initErr
	case <-p.exited:
		failure = &Error{Type: ErrorExit, Message: "the runtime exited before it asked for an event: " + p.exitText()}
		select {
		case <-p.failed: // it has reported why
			failure = p.initErr
		default:
		}
	case <-timer.C:
		failure = &Error{Type: ErrorTimeout, Message: fmt.Sprintf("the runtime did not ask for an event within %s", within)}
	}
	p.kill()
	return failure
}

// launch starts the program and copies its output to the log.
func (p *process) launch() error {
	out, in := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = in, in
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", p.e.f.opts.Bootstrap, err)
	}
	p.output.Go(func() {
		lines := bufio.NewReaderSize(out, 64<<10)
		for {
			text, err := lines.ReadString('\n')
			if text != "" {
				p.e.f.log.line(text)
			}
			if err != nil {
				return
			}
		}
	})
	go func() {
		p.exit = p.cmd.Wait()
		_ = in.Close()
		p.output.Wait()
		close(p.exited)
	}()
	return nil
}

// run delivers an event and waits for the result.
func (p *process) run(inv *invocation) ([]byte, *Error) {
	p.mu.Lock()
	p.current = inv
	p.mu.Unlock()
	p.thaw()
	timer := time.NewTimer(time.Until(inv.deadline))
	defer timer.Stop()
	watch := time.NewTicker(50 * time.Millisecond)
	defer watch.Stop()
	next := p.next
	for {
		select {
		case next <- inv:
			next = nil
		case <-inv.answered:
			p.rest(inv.deadline)
			return inv.result()
		case <-p.exited:
			select {
			case <-inv.answered: // it reported its own error before it exited
				return inv.result()
			default:
			}
			return nil, &Error{RequestID: inv.id, Type: ErrorExit, Message: fmt.Sprintf("RequestId: %s Error: Runtime exited with error: %s", inv.id, p.exitText())}
		case <-timer.C:
			p.kill()
			return nil, &Error{RequestID: inv.id, Type: ErrorTimeout, Message: fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", inv.id, p.e.f.opts.Timeout.Seconds())}
		case <-watch.C:
			if p.resident() > p.e.f.opts.Memory {
				p.kill()
				return nil, &Error{RequestID: inv.id, Type: ErrorMemory, Message: fmt.Sprintf("RequestId: %s Error: Runtime exited with error: signal: killed", inv.id)}
			}
		}
	}
}

// rest waits until the runtime requests the next event, and then freezes the process until
// there is one: its background work stops.
func (p *process) rest(deadline time.Time) {
	timer := time.NewTimer(max(time.Until(deadline), time.Second))
	defer timer.Stop()
	select {
	case <-p.asked:
	case <-p.exited:
		return
	case <-timer.C: // it answered and then hung
		p.kill()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = freeze(p.cmd.Process.Pid) == nil
}

func (p *process) thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen {
		_ = thaw(p.cmd.Process.Pid) // if it is gone, exited says so
		p.frozen = false
	}
}

func (p *process) ended() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

func (p *process) exitText() string {
	if p.exit == nil {
		return "exit status 0"
	}
	return p.exit.Error()
}

// kill kills the process.
func (p *process) kill() {
	_ = signalAll(p.cmd.Process.Pid, syscall.SIGKILL) // harmless if it has exited
	<-p.exited
	_ = p.api.Close()
}

// end drops a process that has exited.
func (e *environment) end() {
	_ = e.p.api.Close()
	e.p = nil
}

// stop shuts the environment down: SIGTERM, and SIGKILL if the process does not exit.
func (e *environment) stop() {
	if e.p == nil {
		return
	}
	p := e.p
	p.thaw()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(shutdownTime):
		_ = signalAll(p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.exited
	}
	e.end()
}
