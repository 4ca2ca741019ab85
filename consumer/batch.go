package consumer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v4"
	"go.opentelemetry.io/otel/attribute"

	"polo/envelope"
	"polo/internal/queue"
	"polo/internal/telemetry"
	"polo/schema"
)

// item is one event of the batch on its way into a row.
type item struct {
	event   *envelope.ResourceEvent
	raw     []byte // its bytes as they stood in its pack
	version uint64
	message int // index of the message it came in
	// older are statements of the same event that it stands for, the latest first:
	// batch.dropped[older:olderEnd].
	older, olderEnd int
}

// failure is something of a message that goes to the dead-letter queue.
type failure struct {
	message int
	record  queue.Failure
}

// batch is the work on one call of Process.
type batch struct {
	c        *Consumer
	messages []queue.Message
	items    []item
	dropped  []item
	failures []failure
	// bad are the events that go to the dead-letter queue, by message; size is how many
	// events each message holds.
	bad        map[int]*badEvents
	size       []int
	raw        int // bytes of JSON, or of what is kept of memory where a message is at fault
	events     int
	inserted   int
	duplicates int
	insertTime time.Duration
	retries    int
	// done are the messages that may be deleted, and sent the failures that the
	// dead-letter queue acknowledged.
	done []bool
	sent map[queue.Reason]int
	// failed counts by reason what the sent failures stand for.
	failed  map[queue.Reason]int64
	sendErr error
}

func newBatch(c *Consumer, messages []queue.Message) *batch {
	return &batch{c: c, messages: messages, bad: map[int]*badEvents{}, size: make([]int, len(messages)), done: make([]bool, len(messages)), sent: map[queue.Reason]int{}, failed: map[queue.Reason]int64{}}
}

// process does all of it, but for messages beyond a portion, which it leaves out. A panic is
// a *panicError.
func (b *batch) process(ctx context.Context, s *scratch, h *hand) (err error) {
	defer recovered(&err)
	s.trim(b.c.cfg.Portion)
	for i := range b.messages {
		if b.raw >= b.c.cfg.Portion {
			b.messages, b.done = b.messages[:i], b.done[:i]
			break
		}
		b.decode(s, i)
	}
	b.dedup()
	if b.inserted, err = b.insert(ctx, s.rows, h); err != nil {
		return err
	}
	// The good events are safe. Only now is it told what failed, so that a
	// dead-letter queue out of reach costs a redelivery, and no neighbour.
	return b.settle(ctx)
}

// settle sends the failures. Messages without one that is not sent are done.
func (b *batch) settle(ctx context.Context) error {
	undelivered := b.sendFailures(ctx, b.sent)
	for i := range b.messages {
		b.done[i] = !undelivered[i]
	}
	if len(undelivered) == len(b.messages) {
		return fmt.Errorf("%w: %w", errNotSettled, b.sendErr)
	}
	return nil
}

var errNotSettled = errors.New("sending failures to the dead-letter queue")

// panicError is a panic of our own code over some message.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }

// recovered turns a panic into an error. It is deferred.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = &panicError{value: v, stack: debug.Stack()}
	}
}

// decode adds every valid event of message i to items, and the rest to failures.
func (b *batch) decode(s *scratch, i int) {
	body := []byte(b.messages[i].Body)
	if n, ok := b.c.cfg.Crashes.suspected(b.messages[i].ID); ok && n >= maxAlone {
		err := fmt.Errorf("the process went down %d times with this message alone in hand", n)
		b.fail(i, queue.ReasonCrashesConsumer, err, queue.UnitPack, body)
		return
	}
	pack := s.pack(i)
	if err := s.decoder.DecodeInto(pack, body); err != nil {
		b.raw += pack.Held()
		b.fail(i, reasonOf(err), err, queue.UnitPack, body)
		return
	}
	b.events += len(pack.Lines)
	b.size[i] = len(pack.Lines)
	for j := range pack.Lines {
		line := &pack.Lines[j]
		b.raw += len(line.Raw)
		withoutSecrets(line)
		if line.Err != nil {
			b.failEvent(i, queue.ReasonMalformedEvent, fmt.Errorf("event %d of %d: %w", j+1, len(pack.Lines), line.Err), line.Raw)
			continue
		}
		if err := line.Event.Validate(); err != nil {
			b.failEvent(i, queue.ReasonInvalidEvent, fmt.Errorf("event %d of %d: %w", j+1, len(pack.Lines), err), line.Raw)
			continue
		}
		b.items = append(b.items, item{
			event: &line.Event, raw: line.Raw,
			version: envelope.RowVersion(line.Event.ObservedAt, line.Raw), message: i,
		})
	}
}

func reasonOf(err error) queue.Reason {
	switch {
	case errors.Is(err, envelope.ErrVersion):
		return queue.ReasonUnsupportedVersion
	case errors.Is(err, envelope.ErrTooLarge):
		return queue.ReasonPackTooLarge
	case errors.Is(err, envelope.ErrCorrupt):
		return queue.ReasonCorruptPack
	}
	return queue.ReasonMalformedPack
}

// fail notes one failure of message i.
func (b *batch) fail(i int, reason queue.Reason, err error, unit queue.Unit, body []byte) {
	b.failures = append(b.failures, b.failure(i, reason, err.Error(), unit, body))
}

func (b *batch) failure(i int, reason queue.Reason, text string, unit queue.Unit, body []byte) failure {
	m := &b.messages[i]
	now := b.c.cfg.Now()
	first := m.FirstReceivedAt
	if first.IsZero() {
		first = now
	}
	return failure{message: i, record: queue.Failure{
		Reason: reason, Err: text, Unit: unit, Body: body,
		Origin: b.c.cfg.QueueName, MessageID: m.ID, ReceiveCount: m.ReceiveCount,
		FirstSeen: first, LastSeen: now, ReplayCount: replayCount(m),
	}}
}

// replayCount is how often m was replayed, by the attribute that a replay sets.
func replayCount(m *queue.Message) int {
	n, err := strconv.Atoi(m.Attributes[queue.AttrReplayCount])
	if err != nil {
		return 0 // never replayed, or set by a stranger: it is only told, not acted on
	}
	return n
}

// dedup keeps the statement with the greatest version of each event, and puts
// the events in the table's order, which makes the block cheap to insert and
// the same for every order of messages. The others are remembered: where the
// greatest is refused, the next stands, as it would had they come apart.
func (b *batch) dedup() {
	slices.SortFunc(b.items, func(x, y item) int {
		if c := x.event.TS.Compare(y.event.TS); c != 0 {
			return c
		}
		if c := bytes.Compare(x.event.EventID[:], y.event.EventID[:]); c != 0 {
			return c
		}
		switch {
		case x.version > y.version:
			return -1
		case x.version < y.version:
			return 1
		}
		return 0
	})
	kept := b.items[:0]
	for _, it := range b.items {
		if n := len(kept); n > 0 && kept[n-1].event.EventID == it.event.EventID && kept[n-1].event.TS.Equal(it.event.TS) {
			if b.duplicates++; kept[n-1].version != it.version {
				b.dropped = append(b.dropped, it)
				kept[n-1].olderEnd = len(b.dropped)
			}
			continue
		}
		it.older, it.olderEnd = len(b.dropped), len(b.dropped)
		kept = append(kept, it)
	}
	b.items = kept
}

// token names a block by this delivery of its messages, and by the ids and versions
// in it: an insert that is tried again in the same call is the same block. Another
// delivery is another, for ClickHouse remembers tokens for longer than it may
// hold the rows: somebody may have deleted them, and replayed the message.
func (b *batch) token(items []item) string {
	h := sha256.New()
	var buf [24]byte
	for i := range b.messages {
		_, _ = fmt.Fprintf(h, "%s %d\n", b.messages[i].ID, b.messages[i].ReceiveCount)
	}
	for i := range items {
		copy(buf[:16], items[i].event.EventID[:])
		binary.BigEndian.PutUint64(buf[16:], items[i].version)
		_, _ = h.Write(buf[:]) // a hash never fails to write
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// insert writes every item, and returns how many rows were acknowledged. An
// error is an outage: some may be written, none may be deleted.
func (b *batch) insert(ctx context.Context, rows *schema.Rows, h *hand) (int, error) {
	return b.insertRange(ctx, rows, b.items, h)
}

// insertRange writes items as one block. What ClickHouse refuses is halved
// until the rows at fault stand alone; those become failures.
func (b *batch) insertRange(ctx context.Context, rows *schema.Rows, items []item, h *hand) (int, error) {
	rows.Reset()
	taken := make([]item, 0, len(items))
	var next []item
	for i := range items {
		if err := rows.Append(items[i].event, items[i].version); err != nil {
			// Validate has the same bounds as the columns, so this is a bug of
			// ours; the event still goes where a person sees it.
			b.failEvent(items[i].message, queue.ReasonInvalidEvent, fmt.Errorf("event %s: %w", items[i].event.EventID, err), items[i].raw)
			next = b.appendOlder(next, &items[i])
			continue
		}
		taken = append(taken, items[i])
	}
	n, err := b.insertBlock(ctx, rows, taken, h)
	if err != nil || len(next) == 0 {
		return n, err
	}
	more, err := b.insertRange(ctx, rows, next, h)
	return n + more, err
}

// appendOlder appends the statement that stands where it is refused, if there is one.
func (b *batch) appendOlder(to []item, it *item) []item {
	if it.older == it.olderEnd {
		return to
	}
	next := b.dropped[it.older]
	next.older, next.olderEnd = it.older+1, it.olderEnd
	b.duplicates--
	return append(to, next)
}

// insertBlock writes the rows of items, halving them where they are refused.
func (b *batch) insertBlock(ctx context.Context, rows *schema.Rows, items []item, h *hand) (int, error) {
	if rows.Len() == 0 {
		return 0, nil
	}
	n := rows.Len()
	name := b.token(items)
	began := b.c.cfg.Now()
	err := backoff.RetryNotify(func() error {
		ctx, end := telemetry.Span(ctx, "insert", nil, attribute.Int("rows", n))
		err := b.c.cfg.Sink.Insert(ctx, rows, name)
		end(err)
		if err != nil && b.c.cfg.Sink.Refused(err) {
			return backoff.Permanent(err)
		}
		return err
	}, b.c.retry(ctx), func(err error, wait time.Duration) {
		h.drop(ctx, false) // an outage is no message's fault
		b.retries++
		b.c.cfg.Logger.WarnContext(ctx, "insert will be tried again", slog.Int("rows", n), slog.Duration("wait", wait), slog.String("error", err.Error()))
	})
	b.insertTime += b.c.cfg.Now().Sub(began)
	switch {
	case err == nil:
		return n, nil
	case !b.c.cfg.Sink.Refused(err):
		return 0, fmt.Errorf("inserting %d rows: %w", n, err)
	case len(items) == 1:
		b.failEvent(items[0].message, queue.ReasonRefusedEvent, fmt.Errorf("event %s: %w", items[0].event.EventID, err), items[0].raw)
		if next := b.appendOlder(nil, &items[0]); len(next) > 0 {
			return b.insertRange(ctx, rows, next, h)
		}
		return 0, nil
	}
	return b.insertHalves(ctx, rows, b.giveUp(items, err), h)
}

// insertHalves goes on with what is left of a refused block.
func (b *batch) insertHalves(ctx context.Context, rows *schema.Rows, items []item, h *hand) (int, error) {
	mid := len(items) / 2
	first, err := b.insertRange(ctx, rows, items[:mid], h)
	if err != nil {
		return first, err
	}
	second, err := b.insertRange(ctx, rows, items[mid:], h)
	return first + second, err
}

// sendFailures sends every failure, counts those acknowledged by reason, and
// returns the messages of which one was not.
func (b *batch) sendFailures(ctx context.Context, sent map[queue.Reason]int) map[int]bool {
	undelivered := map[int]bool{}
	b.failures = append(b.failures, b.letters()...)
	if len(b.failures) == 0 {
		return undelivered
	}
	var out []queue.Outgoing
	var of []int // the failure that each message of out carries
	b.redactPacks()
	b.splitLarge()
	for i := range b.failures {
		// A message as large as the queue allows, of text that does not compress,
		// leaves no room for a reason. Its beginning with one, its size and its
		// checksum tell more than a message that never leaves the queue.
		m, cut, err := b.failures[i].record.CutMessage(b.c.cfg.DeadLetter.Limits().MaxMessage)
		if cut {
			b.c.cfg.Logger.WarnContext(ctx, "failure cut to fit the dead-letter queue", slog.String("message_id", b.failures[i].record.MessageID))
		}
		if err != nil {
			b.refuse(ctx, i, err, undelivered)
			continue
		}
		out, of = append(out, m), append(of, i)
	}
	err := queue.SendSeveral(ctx, b.c.cfg.DeadLetter, out, letterSenders, queue.Retry{MaxElapsed: b.c.cfg.InsertRetry})
	lost := make(map[int]error, 0)
	var failed *queue.SendError
	switch {
	case errors.As(err, &failed):
		for _, f := range failed.Failed {
			lost[f.Index] = f.Err
		}
	case err != nil:
		for k := range out {
			lost[k] = err
		}
	}
	for k, i := range of {
		if lost[k] != nil {
			b.refuse(ctx, i, lost[k], undelivered)
			continue
		}
		sent[b.failures[i].record.Reason]++
		b.failures[i].record.Count(b.failed)
	}
	return undelivered
}

// splitLarge makes two records or more of a pack that would have to be cut to fit the
// dead-letter queue with its reason: what it holds is only there until its message is
// deleted.
func (b *batch) splitLarge() {
	most := b.c.cfg.DeadLetter.Limits().MaxMessage
	var all []failure
	for i := range b.failures {
		f := b.failures[i]
		if _, err := f.record.Message(most); !splittable(f.record.Reason) || !errors.Is(err, queue.ErrTooLarge) {
			all = append(all, f)
			continue
		}
		parts, ok := splitPack(f.record.Body, most-queue.RecordRoom, b.c.cfg.Bounds)
		if !ok {
			all = append(all, f)
			continue
		}
		for n, body := range parts {
			part := f
			part.record.Body = body
			if n > 0 {
				part.record.Stands = map[queue.Reason]int{} // the first part counts
			}
			all = append(all, part)
		}
	}
	b.failures = all
}

// splittable reports whether a pack of that reason decodes.
func splittable(r queue.Reason) bool {
	return r == queue.ReasonRetentionNear || r == queue.ReasonManyBadEvents
}

// splitPack makes packs of at most maxBody bytes of one; ok is false where that cannot
// be done without losing something.
func splitPack(body []byte, maxBody int, bounds envelope.Bounds) (parts [][]byte, ok bool) {
	d, err := envelope.NewDecoder(bounds)
	if err != nil {
		return nil, false
	}
	pack, err := d.Decode(body)
	if err != nil {
		return nil, false
	}
	lines := make([][]byte, len(pack.Lines))
	for i := range pack.Lines {
		lines[i] = pack.Lines[i].Raw
	}
	packs, tooLarge, err := envelope.EncodePacks(pack.Source, lines, maxBody)
	if err != nil || len(tooLarge) > 0 {
		return nil, false
	}
	for _, p := range packs {
		parts = append(parts, []byte(p.Body))
	}
	return parts, true
}

// refuse notes that failure i is not in the dead-letter queue: its message
// stays on the queue.
func (b *batch) refuse(ctx context.Context, i int, err error, undelivered map[int]bool) {
	f := &b.failures[i]
	undelivered[f.message] = true
	b.sendErr = errors.Join(b.sendErr, err)
	b.c.cfg.Logger.ErrorContext(ctx, "failure not sent to the dead-letter queue",
		slog.String("message_id", f.record.MessageID), slog.String("reason", string(f.record.Reason)), slog.String("error", err.Error()))
}
