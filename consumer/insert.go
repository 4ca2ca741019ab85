package consumer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v4"
	"go.opentelemetry.io/otel/attribute"

	"polo/internal/queue"
	"polo/internal/telemetry"
	"polo/schema"
)

// insert writes every item, at first as one block. What ClickHouse refuses is halved until
// the rows at fault stand alone; those become failures, and an older statement of the same
// event takes the place of each. An error is an outage: some items may be written, none of
// their messages may be deleted.
func (p *portion) insert(ctx context.Context, rows *schema.Rows, f *inFlight) error {
	blocks := [][]item{p.items} // those to insert, the next one last
	for len(blocks) > 0 {
		block := blocks[len(blocks)-1]
		blocks = blocks[:len(blocks)-1]
		block, older := p.fill(rows, block)
		if len(older) > 0 {
			blocks = append(blocks, older)
		}
		if len(block) == 0 {
			continue
		}
		err := p.insertBlock(ctx, rows, p.token(block), f)
		switch {
		case err == nil:
			p.inserted += len(block)
		case !p.cfg.Sink.Refused(err):
			return fmt.Errorf("inserting %d rows: %w", len(block), err)
		case len(block) == 1:
			p.refuse(&block[0], err)
			blocks = append(blocks, p.appendOlder(nil, &block[0]))
		default:
			left := p.giveUp(block, err)
			mid := len(left) / 2
			blocks = append(blocks, left[mid:], left[:mid])
		}
	}
	return nil
}

// fill makes rows of items. It returns those that have one, and the older statements that
// stand for the others.
func (p *portion) fill(rows *schema.Rows, items []item) (filled, older []item) {
	rows.Reset()
	filled = make([]item, 0, len(items))
	for i := range items {
		it := &items[i]
		if err := rows.Append(it.event, it.version); err != nil {
			// Validate has the same bounds as the columns, so this is a bug of
			// ours; the event still goes where a person sees it.
			p.letters.failEvent(it.message, queue.ReasonInvalidEvent, fmt.Errorf("event %s: %w", it.event.EventID, err), it.raw)
			older = p.appendOlder(older, it)
			continue
		}
		filled = append(filled, *it)
	}
	return filled, older
}

// insertBlock inserts rows, and tries again for Config.InsertRetry in an outage.
func (p *portion) insertBlock(ctx context.Context, rows *schema.Rows, token string, f *inFlight) error {
	began := p.cfg.Now()
	err := backoff.RetryNotify(func() error {
		ctx, end := telemetry.Span(ctx, "insert", nil, attribute.Int("rows", rows.Len()))
		err := p.cfg.Sink.Insert(ctx, rows, token)
		end(err)
		if err != nil && p.cfg.Sink.Refused(err) {
			return backoff.Permanent(err)
		}
		return err
	}, insertBackoff(ctx, p.cfg.InsertRetry), func(err error, wait time.Duration) {
		f.release(ctx, false) // an outage is no message's fault
		p.retries++
		p.cfg.Logger.WarnContext(ctx, "insert failed; trying again", slog.Int("rows", rows.Len()), slog.Duration("wait", wait), slog.String("error", err.Error()))
	})
	p.insertTime += p.cfg.Now().Sub(began)
	return err
}

// insertBackoff is the one layer that tries an insert again.
func insertBackoff(ctx context.Context, most time.Duration) backoff.BackOff {
	b := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(100*time.Millisecond),
		backoff.WithMaxInterval(5*time.Second),
		backoff.WithMaxElapsedTime(most),
	)
	return backoff.WithContext(b, ctx)
}

// refuse makes a failure of an item that ClickHouse refused.
func (p *portion) refuse(it *item, err error) {
	p.letters.failEvent(it.message, queue.ReasonRefusedEvent, fmt.Errorf("event %s: %w", it.event.EventID, err), it.raw)
}

// giveUp takes out of a refused block what came in messages of too many bad events: to
// find the good ones among those would take an insert for each. They are in the letter
// that holds the message. err is why the block was refused.
func (p *portion) giveUp(items []item, err error) []item {
	var left []item
	for i := range items {
		it := &items[i]
		if !p.letters.many(it.message) {
			left = append(left, *it)
			continue
		}
		p.refuse(it, err)
		left = p.appendOlder(left, it)
	}
	return left
}

// token names a block by this delivery of its messages, and by the ids and versions
// in it: an insert that is tried again in the same call is the same block. Another
// delivery is another, for ClickHouse remembers tokens for longer than it may
// hold the rows: somebody may have deleted them, and replayed the message.
func (p *portion) token(items []item) string {
	h := sha256.New()
	var buf [24]byte
	for i := range p.messages {
		_, _ = fmt.Fprintf(h, "%s %d\n", p.messages[i].ID, p.messages[i].ReceiveCount)
	}
	for i := range items {
		copy(buf[:16], items[i].event.EventID[:])
		binary.BigEndian.PutUint64(buf[16:], items[i].version)
		_, _ = h.Write(buf[:]) // a hash never fails to write
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
