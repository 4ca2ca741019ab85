package consumer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"polo/internal/queue"
)

// rescueExpiring sends messages that the queue would soon drop to the dead-letter queue, which
// keeps them for longer.
func (c *Consumer) rescueExpiring(ctx context.Context, messages []queue.Message, report *Report) {
	retention := c.cfg.Retention()
	if retention <= 0 {
		return
	}
	var places []int
	for i := range messages {
		m := &messages[i]
		if report.Verdicts[i] != Ack && !m.SentAt.IsZero() && c.cfg.Now().Sub(m.SentAt) > retention*9/10 { //mutant:outage-saves-everything
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return
	}
	// The outage may have used up the whole deadline.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rescueTime) //mutant:no-time-to-save
	defer cancel()
	p := newPortion(&c.cfg, at(messages, places))
	for k := range p.messages {
		p.letters.fail(k, queue.ReasonRetentionNear, errRetention, queue.UnitPack, []byte(p.messages[k].Body))
	}
	if err := p.deadLetter(ctx); err != nil {
		c.cfg.Logger.ErrorContext(ctx, "messages near the queue's retention not sent to the dead-letter queue", slog.String("error", err.Error()))
	}
	report.add(p, places)
}

// rescueTime bounds the time for rescuing messages: less than a Lambda reserves for its answer.
const rescueTime = 1500 * time.Millisecond

var errRetention = errors.New("ClickHouse was unreachable, and the message was near the queue's retention")
