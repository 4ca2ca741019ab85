package producers

import (
	"sync"

	"polo/internal/queue"
)

// parcel goes from the emitters to a sender. It holds the lines of a pack, or failures,
// never both.
type parcel struct {
	// buf holds the lines, concatenated; ends is where each ends.
	buf  []byte
	ends []int

	failures []queue.Outgoing
	// failureBytes is the total size of failures.
	failureBytes int

	// done is closed once everything in it is acknowledged.
	done chan struct{}
}

// events returns the number of events.
func (p *parcel) events() int { return len(p.ends) }

func (p *parcel) empty() bool { return len(p.ends) == 0 && len(p.failures) == 0 }

// lines returns views into p.
func (p *parcel) lines() [][]byte {
	lines := make([][]byte, len(p.ends))
	start := 0
	for i, end := range p.ends {
		lines[i] = p.buf[start:end:end]
		start = end
	}
	return lines
}

// parcels recycles buffers, so that the steady state allocates nothing.
type parcels struct{ pool sync.Pool }

func (s *parcels) get() *parcel {
	p, ok := s.pool.Get().(*parcel)
	if !ok {
		p = &parcel{}
	}
	p.done = make(chan struct{})
	return p
}

// put returns p to the pool; nothing may hold its lines any more. It drops an unusually
// large buffer.
func (s *parcels) put(p *parcel, maxBuf int) {
	if cap(p.buf) > maxBuf {
		p.buf = nil
	}
	clear(p.failures)
	*p = parcel{buf: p.buf[:0], ends: p.ends[:0], failures: p.failures[:0]}
	s.pool.Put(p)
}
