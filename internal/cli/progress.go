package cli

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Progress is one line on standard error that is overwritten, if a person reads it.
type Progress struct {
	mu   sync.Mutex
	out  io.Writer // nil if nobody reads
	last time.Time
	used bool

	ended   chan struct{}
	ticking sync.WaitGroup
}

// NewProgress starts a progress line; end it with Stop.
func NewProgress(s *Streams) *Progress {
	p := &Progress{ended: make(chan struct{})}
	if s.Person {
		p.out = s.Stderr
	}
	return p
}

// Show replaces the line, at most ten times a second. It ignores write errors, because progress is
// not worth stopping for.
func (p *Progress) Show(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out == nil || time.Since(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.used = time.Now(), true
	_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s", text)
}

// Every shows line's result five times a second, until Stop.
func (p *Progress) Every(line func() string) {
	if p.out == nil {
		return
	}
	p.ticking.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-p.ended:
				return
			case <-tick.C:
				p.Show(line())
			}
		}
	})
}

// Stop clears the line. It is safe to call twice.
func (p *Progress) Stop() {
	p.mu.Lock()
	if p.out != nil && p.used {
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
	}
	p.out, p.used = nil, false
	select {
	case <-p.ended:
	default:
		close(p.ended)
	}
	p.mu.Unlock()
	p.ticking.Wait()
}
