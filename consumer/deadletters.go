package consumer

import (
	"context"
	"errors"
	"log/slog"
	"strconv"

	"polo/internal/queue"
)

// failure is a message, or a part of one, that goes to the dead-letter queue.
type failure struct {
	message int
	record  queue.Failure
}

// deadLetters collects what cannot be inserted, and sends it to the dead-letter queue. Messages are
// identified by their index.
type deadLetters struct {
	cfg      *Config
	messages []queue.Message
	failures []failure
	// bad are the events that fail, by message; size is the number of events in each message.
	bad  map[int]*badEvents
	size []int
	// sent counts the acknowledged failures by reason, failed the messages and events that they
	// stand for. err is why the others were not acknowledged.
	sent   map[queue.Reason]int
	failed map[queue.Reason]int64
	err    error
}

func newDeadLetters(cfg *Config, messages []queue.Message) *deadLetters {
	return &deadLetters{
		cfg: cfg, messages: messages, bad: map[int]*badEvents{}, size: make([]int, len(messages)),
		sent: map[queue.Reason]int{}, failed: map[queue.Reason]int64{},
	}
}

// fail records one failure of message i.
func (d *deadLetters) fail(i int, reason queue.Reason, err error, unit queue.Unit, body []byte) {
	d.failures = append(d.failures, d.failure(i, reason, err.Error(), unit, body))
}

func (d *deadLetters) failure(i int, reason queue.Reason, text string, unit queue.Unit, body []byte) failure {
	m := &d.messages[i]
	now := d.cfg.Now()
	first := m.FirstReceivedAt
	if first.IsZero() {
		first = now
	}
	return failure{message: i, record: queue.Failure{
		Reason: reason, Err: text, Unit: unit, Body: body,
		Origin: m.Queue, MessageID: m.ID, ReceiveCount: m.ReceiveCount,
		FirstSeen: first, LastSeen: now, ReplayCount: replayCount(m),
	}}
}

// replayCount returns how often m was replayed, from the attribute that a replay sets.
func replayCount(m *queue.Message) int {
	n, err := strconv.Atoi(m.Attributes[queue.AttrReplayCount])
	if err != nil {
		return 0 // never replayed, or not set by us: it is only shown, never acted on
	}
	return n
}

// send sends every failure. It returns the messages with an unacknowledged failure: they stay on
// the queue.
func (d *deadLetters) send(ctx context.Context) (unsent map[int]bool) {
	unsent = map[int]bool{}
	d.failures = append(d.failures, d.badEventFailures()...)
	if len(d.failures) == 0 {
		return unsent
	}
	d.redactPacks() //mutant:packs-keep-secrets
	d.splitLarge()
	out, of := d.outgoing(ctx, unsent)
	lost := errorOfEach(queue.SendSeveral(ctx, d.cfg.DeadLetter, out, letterSenders, queue.Retry{MaxElapsed: d.cfg.InsertRetry}), len(out))
	for k, i := range of {
		if lost[k] != nil {
			d.keep(ctx, i, lost[k], unsent)
			continue
		}
		d.sent[d.failures[i].record.Reason]++
		d.failures[i].record.Count(d.failed)
	}
	return unsent
}

// outgoing builds the messages for the failures; of[k] is the index of the failure in out[k].
func (d *deadLetters) outgoing(ctx context.Context, unsent map[int]bool) (out []queue.Outgoing, of []int) {
	most := d.cfg.DeadLetter.Limits().MaxMessage
	for i := range d.failures {
		// A message of the queue's maximum size that does not compress leaves no room for a reason.
		// Its beginning with the reason, its size and its checksum tell more than a message that
		// never leaves the queue.
		m, cut, err := d.failures[i].record.CutMessage(most)
		if cut {
			d.cfg.Logger.WarnContext(ctx, "failure cut to fit the dead-letter queue", slog.String("message_id", d.failures[i].record.MessageID))
		}
		if err != nil {
			d.keep(ctx, i, err, unsent)
			continue
		}
		out, of = append(out, m), append(of, i) //mutant:failures-once-per-batch
	}
	return out, of
}

// errorOfEach returns the error of each of n messages that was not sent.
func errorOfEach(err error, n int) map[int]error {
	lost := map[int]error{}
	var failed *queue.SendError
	switch {
	case errors.As(err, &failed):
		for _, f := range failed.Failed {
			lost[f.Index] = f.Err //mutant:transient-send-counts-as-sent
		}
	case err != nil:
		for k := range n {
			lost[k] = err
		}
	}
	return lost
}

// keep records that failure i is not in the dead-letter queue: its message stays on the queue.
func (d *deadLetters) keep(ctx context.Context, i int, err error, unsent map[int]bool) {
	f := &d.failures[i]
	unsent[f.message] = true
	d.err = errors.Join(d.err, err)
	d.cfg.Logger.ErrorContext(ctx, "failure not sent to the dead-letter queue",
		slog.String("message_id", f.record.MessageID), slog.String("reason", string(f.record.Reason)), slog.String("error", err.Error()))
}
