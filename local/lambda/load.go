package lambda

import "time"

// load says how many pollers there are, and how long they wait, as AWS scales a mapping:
// it begins with five, adds one for each batch that was full, and halves them with each
// failed invocation, after which it waits, twice as long each time.
type load struct {
	running, may, most int
	wait, first, max   time.Duration
}

// firstPollers is how many AWS begins with.
const firstPollers = 5

func newLoad(most int, first, longest time.Duration) load {
	return load{may: min(firstPollers, most), most: most, first: first, max: longest}
}

// enter tells whether one more may begin, and counts it.
func (l *load) enter() bool {
	if l.running >= l.may {
		return false
	}
	l.running++
	return true
}

// stays tells whether one may go on; otherwise it no longer counts.
func (l *load) stays() bool {
	if l.running > l.may {
		l.running--
		return false
	}
	return true
}

// settled notes how an invocation went, and says how long to wait before the next.
func (l *load) settled(failed, full bool) time.Duration {
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
