package consumer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"polo/envelope"
	"polo/internal/queue"
)

// item is one event of a portion that becomes a row.
type item struct {
	event   *envelope.ResourceEvent
	raw     []byte // its bytes in the pack
	version uint64
	message int // index of the message it came in
	// older are the statements of the same event that it replaces, the latest first:
	// portion.dropped[older:olderEnd].
	older, olderEnd int
}

// portion holds the messages that are decoded and inserted at once, and the state of that work.
type portion struct {
	cfg      *Config
	messages []queue.Message
	letters  *deadLetters
	items    []item
	dropped  []item
	// decoded is the number of bytes of JSON that the messages unpacked to, failed messages
	// included.
	decoded    int
	events     int
	inserted   int
	duplicates int
	insertTime time.Duration
	retries    int
	// acked are the messages that may be deleted.
	acked []bool
}

func newPortion(cfg *Config, messages []queue.Message) *portion {
	return &portion{cfg: cfg, messages: messages, letters: newDeadLetters(cfg, messages), acked: make([]bool, len(messages))}
}

// process decodes, inserts and sends failures. It removes messages beyond Config.Portion from
// p.messages. A panic returns a *panicError.
func (p *portion) process(ctx context.Context, s *scratch, f *inFlight, q *quarantine) (err error) {
	defer recovered(&err) //mutant:panic-not-recovered
	s.trim(p.cfg.Portion)
	for i := range p.messages {
		if p.decoded >= p.cfg.Portion {
			p.messages, p.acked = p.messages[:i], p.acked[:i]
			break
		}
		if err := q.condemned(p.messages[i].ID); err != nil {
			p.letters.fail(i, queue.ReasonCrashesConsumer, err, queue.UnitPack, []byte(p.messages[i].Body))
			continue
		}
		p.decode(s, i)
	}
	p.dedup()
	if err := p.insert(ctx, s.rows, f); err != nil {
		return err
	}
	// The good events are safe. Failures are sent only now, so that an unreachable dead-letter
	// queue costs a redelivery, and no other message's events.
	return p.deadLetter(ctx)
}

// deadLetter sends the failures, and acks each message whose failures were all sent.
func (p *portion) deadLetter(ctx context.Context) error {
	unsent := p.letters.send(ctx)
	for i := range p.messages {
		p.acked[i] = !unsent[i]
	}
	if len(unsent) == len(p.messages) {
		return fmt.Errorf("%w: %w", errUnsent, p.letters.err)
	}
	return nil
}

// errUnsent means that every message has a failure, and the dead-letter queue took none of them.
var errUnsent = errors.New("sending failures to the dead-letter queue")

// decode adds every valid event of message i to items, and the others to letters.
func (p *portion) decode(s *scratch, i int) {
	body := []byte(p.messages[i].Body)
	pack := s.pack(i)
	if err := s.decoder.DecodeInto(pack, body); err != nil {
		p.decoded += pack.Held()
		p.letters.fail(i, reasonOf(err), err, queue.UnitPack, body)
		return
	}
	p.events += len(pack.Lines)
	p.letters.size[i] = len(pack.Lines)
	for j := range pack.Lines {
		line := &pack.Lines[j]
		p.decoded += len(line.Raw)
		withoutSecrets(line)
		if line.Err != nil {
			p.letters.failEvent(i, queue.ReasonMalformedEvent, fmt.Errorf("event %d of %d: %w", j+1, len(pack.Lines), line.Err), line.Raw)
			continue
		}
		if err := line.Event.Validate(); err != nil { //mutant:bad-event-let-in
			p.letters.failEvent(i, queue.ReasonInvalidEvent, fmt.Errorf("event %d of %d: %w", j+1, len(pack.Lines), err), line.Raw)
			continue
		}
		p.items = append(p.items, item{
			event: &line.Event, raw: line.Raw,
			version: envelope.RowVersion(line.Event.ObservedAt, line.Raw), message: i, //mutant:version-is-arrival
		})
	}
}

func reasonOf(err error) queue.Reason {
	switch {
	case errors.Is(err, envelope.ErrVersion): //mutant:reason-of-version-forgotten
		return queue.ReasonUnsupportedVersion
	case errors.Is(err, envelope.ErrTooLarge):
		return queue.ReasonPackTooLarge
	case errors.Is(err, envelope.ErrCorrupt):
		return queue.ReasonCorruptPack
	}
	return queue.ReasonMalformedPack
}

// dedup keeps the statement with the greatest version of each event. It sorts the events as the
// table does, which makes the block cheap to insert, and identical for every order of messages. The
// other statements are kept: if the greatest is refused, the next replaces it, as if they had come
// in separate batches.
func (p *portion) dedup() {
	slices.SortFunc(p.items, func(x, y item) int {
		if c := x.event.TS.Compare(y.event.TS); c != 0 {
			return c
		}
		if c := bytes.Compare(x.event.EventID[:], y.event.EventID[:]); c != 0 {
			return c
		}
		switch {
		case x.version > y.version: //mutant:batch-keeps-older
			return -1
		case x.version < y.version:
			return 1
		}
		return 0
	})
	kept := p.items[:0]
	for _, it := range p.items {
		if n := len(kept); n > 0 && kept[n-1].event.EventID == it.event.EventID && kept[n-1].event.TS.Equal(it.event.TS) {
			if p.duplicates++; kept[n-1].version != it.version {
				p.dropped = append(p.dropped, it)
				kept[n-1].olderEnd = len(p.dropped)
			}
			continue
		}
		it.older, it.olderEnd = len(p.dropped), len(p.dropped)
		kept = append(kept, it)
	}
	p.items = kept
}

// appendOlder appends the statement that replaces a refused item, if there is one.
func (p *portion) appendOlder(to []item, it *item) []item {
	if it.older == it.olderEnd {
		return to
	}
	next := p.dropped[it.older]
	next.older, next.olderEnd = it.older+1, it.olderEnd
	p.duplicates--
	return append(to, next)
}
