package lambda

import "time"

// load scales a mapping's pollers as AWS does: it starts with five, adds one for each
// full batch, and halves them with each failed invocation, after which it waits, twice
// as long each time.
type load struct {
	running, may, most int
	wait, first, max   time.Duration
}

// firstPollers is how many AWS starts with.
const firstPollers = 5

func newLoad(most int, first, longest time.Duration) load {
	return load{may: min(firstPollers, most), most: most, first: first, max: longest}
}

// enter reports whether another poller may start, and counts it.
func (l *load) enter() bool {
	if l.running >= l.may {
		return false
	}
	l.running++
	return true
}

// stays reports whether a poller may continue; if not, it no longer counts.
func (l *load) stays() bool {
	if l.running > l.may {
		l.running--
		return false
	}
	return true
}

// invoked records the result of an invocation, and returns how long to wait before the
// next.
func (l *load) invoked(failed, full bool) time.Duration {
	switch {
	case failed:
		l.may = max(1, l.may/2)
		l.wait = min(l.max, max(l.first, 2*l.wait))
		return l.wait
	case full:
		l.may = min(l.most, l.may+1)
	case l.may < firstPollers:
		l.may = min(l.most, l.may+1)
	}
	l.wait = 0
	return 0
}
