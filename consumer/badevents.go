package consumer

import (
	"fmt"
	"slices"
	"strings"

	"polo/internal/queue"
)

const (
	// maxBad and maxBadBytes bound the bad events of one message that get a letter each: about what
	// a person reads one by one, and what one call sends. Beyond either, the message itself is the
	// one letter: it stays as small as it came, however many events it unpacks to.
	maxBad      = 100
	maxBadBytes = 1 << 20
	// maxBadOfBatch bounds such letters for all messages of a batch. Beyond it, each message with
	// more than one bad event is one letter, because a batch of ten thousand small messages must
	// also be finished in one invocation.
	maxBadOfBatch = 2000
	// badSamples bounds the bad events whose errors the one letter quotes.
	badSamples = 3
	// letterSenders bounds the concurrent calls to the dead-letter queue.
	letterSenders = 8 //mutant:letters-one-call-after-the-other
)

// badEvents are the events of one message that go to the dead-letter queue.
type badEvents struct {
	count   int
	bytes   int
	reasons map[queue.Reason]int
	samples []string
	// letters has one failure per event, while there are few.
	letters []failure
}

// failEvent records one bad event of message i.
func (d *deadLetters) failEvent(i int, reason queue.Reason, err error, raw []byte) {
	bad := d.bad[i]
	if bad == nil {
		bad = &badEvents{reasons: map[queue.Reason]int{}}
		d.bad[i] = bad
	}
	bad.count++
	bad.bytes += len(raw)
	bad.reasons[reason]++
	if len(bad.samples) < badSamples {
		bad.samples = append(bad.samples, string(reason)+": "+err.Error())
	}
	if bad.many() {
		bad.letters = nil
		return
	}
	bad.letters = append(bad.letters, d.failure(i, reason, err.Error(), queue.UnitEvent, raw))
}

// many reports whether message i has too many bad events for a letter each.
func (d *deadLetters) many(i int) bool { return d.bad[i] != nil && d.bad[i].many() }

// many reports whether there are too many events for a letter each.
func (e *badEvents) many() bool { return e.count > maxBad || e.bytes > maxBadBytes } //mutant:letter-for-each-bad-event

// badEventFailures returns the failures of the bad events, or of the messages that have too many.
func (d *deadLetters) badEventFailures() []failure {
	few := 0
	for _, bad := range d.bad {
		few += len(bad.letters)
	}
	var out []failure
	for i := range d.messages {
		bad := d.bad[i]
		switch {
		case bad == nil:
		case bad.many(), few > maxBadOfBatch && bad.count > 1: //mutant:batch-of-bad-events-floods
			f := d.failure(i, queue.ReasonManyBadEvents, bad.text(d.size[i]), queue.UnitPack, []byte(d.messages[i].Body))
			f.record.Represents = bad.reasons
			out = append(out, f)
		default:
			out = append(out, bad.letters...)
		}
	}
	return out
}

// text explains a letter that stands for many events.
func (e *badEvents) text(of int) string {
	var reasons []string
	for reason, n := range e.reasons {
		reasons = append(reasons, fmt.Sprintf("%s %d", reason, n))
	}
	slices.Sort(reasons)
	return fmt.Sprintf("%d of %d events are bad (%s), the others are inserted; the first: %s",
		e.count, of, strings.Join(reasons, ", "), strings.Join(e.samples, "; "))
}
