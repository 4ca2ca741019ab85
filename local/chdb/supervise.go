package chdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/cenkalti/backoff/v4"
)

// How an engine is watched. A busy engine may be slow and is not killed for that.
const (
	pingEvery     = time.Second
	pingTime      = 20 * time.Second
	maxUnanswered = 3 // consecutive pings without an answer
	// maxRestarts is how often it is restarted without having been up for steady.
	maxRestarts = 5
	steady      = time.Minute
)

// Supervisor keeps an engine up. It restarts one that ends, stops listening or stops answering, on the same ports,
// where clients wait meanwhile.
type Supervisor struct {
	Users    Users
	TCPAddr  string
	HTTPAddr string
	// Unfenced: see Engine.
	Unfenced []string

	place *place
	log   *slog.Logger
	end   context.CancelFunc
	over  chan struct{}

	mu     sync.Mutex
	engine *Engine
	err    error // why it gave up; read after over is closed
}

// Supervise starts an engine and keeps it up until Stop, or until it has ended too often: then Exited is closed.
func Supervise(ctx context.Context, o Options, log *slog.Logger) (*Supervisor, error) {
	p, err := prepare(ctx, o)
	if err != nil {
		return nil, err
	}
	e, err := p.start(ctx, os.O_TRUNC)
	if err != nil {
		p.close()
		return nil, err
	}
	s := &Supervisor{
		Users: e.Users, TCPAddr: e.TCPAddr, HTTPAddr: e.HTTPAddr, Unfenced: e.Unfenced, place: p, log: log, over: make(chan struct{}), engine: e,
	}
	ctx, s.end = context.WithCancel(context.WithoutCancel(ctx))
	go s.run(ctx)
	return s, nil
}

func (s *Supervisor) run(ctx context.Context) {
	defer close(s.over)
	pause := backoff.NewExponentialBackOff(backoff.WithInitialInterval(200*time.Millisecond), backoff.WithMaxInterval(10*time.Second), backoff.WithMaxElapsedTime(0))
	for starts := 0; ; {
		began := time.Now()
		cause := s.engine.watch(ctx)
		if time.Since(began) > steady {
			starts = 0
			pause.Reset()
		}
		for ; ctx.Err() == nil; starts++ {
			if starts == maxRestarts { //mutant:engine-started-for-ever
				s.err = fmt.Errorf("giving up ClickHouse after %d restarts: %w", starts, cause)
				s.place.close() // so that clients do not wait
				return
			}
			wait := pause.NextBackOff()
			s.log.ErrorContext(ctx, "ClickHouse has ended; restarting it", slog.Any("cause", cause), slog.Duration("after", wait), slog.Int("start", starts+1))
			select {
			case <-ctx.Done():
				continue
			case <-time.After(wait):
			}
			e, err := s.place.start(ctx, os.O_APPEND)
			if err != nil {
				cause = err
				continue
			}
			s.mu.Lock()
			s.engine = e
			s.mu.Unlock()
			s.log.WarnContext(ctx, "ClickHouse is up again")
			starts++
			break
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// Pid returns the running engine's process id.
func (s *Supervisor) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.engine.Pid
}

// Exited is closed when the Supervisor has given up or has stopped.
func (s *Supervisor) Exited() <-chan struct{} { return s.over }

// Err says why the Supervisor gave up; nil before.
func (s *Supervisor) Err() error {
	select {
	case <-s.over:
		return s.err
	default:
		return nil
	}
}

// Stop ends the engine cleanly.
func (s *Supervisor) Stop() error {
	s.end()
	<-s.over
	err := s.engine.Stop()
	s.place.close()
	return err
}

// watch returns why the engine has ended, or was killed because it no longer answered.
func (e *Engine) watch(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	mute := make(chan error, 1)
	go func() {
		for failures := 0; ; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pingEvery):
			}
			err := e.answers(ctx)
			if failures++; err == nil {
				failures = 0
			}
			if failures == maxUnanswered { //mutant:engine-stays-down
				mute <- err
				return
			}
		}
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-e.exited:
		return e.Err()
	case err := <-mute:
		_ = e.cmd.Process.Kill() // it may have exited meanwhile
		<-e.exited
		return fmt.Errorf("the engine no longer answered and was killed: %w%s", err, e.logTail())
	}
}

// answers pings the engine on both ports.
func (e *Engine) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	if err := e.greet(ctx); err != nil {
		return fmt.Errorf("greeting the engine on the native port: %w", err)
	}
	if err := e.ping(ctx); err != nil {
		return fmt.Errorf("pinging the engine over HTTP: %w", err)
	}
	return nil
}

// greet exchanges greetings in the native protocol.
func (e *Engine) greet(ctx context.Context) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", e.TCPAddr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	const plain = 54400 // a protocol version in which nothing follows the greeting
	var b proto.Buffer
	proto.ClientHello{Name: "polo", ProtocolVersion: plain, User: e.Users.Reader.Name, Password: e.Users.Reader.Password}.Encode(&b)
	if _, err := conn.Write(b.Buf); err != nil {
		return err
	}
	var answer [1]byte
	switch _, err := io.ReadFull(conn, answer[:]); {
	case errors.Is(err, io.EOF):
		return errors.New("not listening")
	case err != nil:
		return err
	case proto.ServerCode(answer[0]) != proto.ServerCodeHello:
		return fmt.Errorf("answered with code %d", answer[0])
	}
	return nil
}
