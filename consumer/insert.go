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

// insert writes every item, at first as one block. A block that ClickHouse refuses is halved until
// each bad row stands alone. Bad rows become failures, and an older statement of the same event
// replaces each. An error is an outage: some items may be written, but none of their messages may
// be deleted.
func (p *portion) insert(ctx context.Context, rows *schema.Rows, f *inFlight) error {
	blocks := [][]item{p.items} // blocks to insert, the next one last
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
			return fmt.Errorf("inserting %d rows: %w", len(block), err) //mutant:last-try-counts-as-done
		case len(block) == 1: //mutant:refused-block-not-halved
			p.refuse(&block[0], err)
			blocks = append(blocks, p.appendOlder(nil, &block[0]))
		default:
			left := p.giveUp(block, err) //mutant:refused-rows-sought-for-ever
			mid := len(left) / 2
			blocks = append(blocks, left[mid:], left[:mid])
		}
	}
	return nil
}

// fill builds rows from items. It returns the items that have a row, and the older statements that
// replace the others.
func (p *portion) fill(rows *schema.Rows, items []item) (filled, older []item) {
	rows.Reset()
	filled = make([]item, 0, len(items))
	for i := range items {
		it := &items[i]
		if err := rows.Append(it.event, it.version); err != nil {
			// Validate has the same bounds as the columns, so this is a bug of ours. The event
			// still goes where a person sees it.
			p.letters.failEvent(it.message, queue.ReasonInvalidEvent, fmt.Errorf("event %s: %w", it.event.EventID, err), it.raw)
			older = p.appendOlder(older, it)
			continue
		}
		filled = append(filled, *it)
	}
	return filled, older
}

// insertBlock inserts rows, and retries an outage for Config.InsertRetry.
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
		f.release(ctx, false) // no message causes an outage
		p.retries++
		p.cfg.Logger.WarnContext(ctx, "insert failed; trying again", slog.Int("rows", rows.Len()), slog.Duration("wait", wait), slog.String("error", err.Error()))
	})
	p.insertTime += p.cfg.Now().Sub(began)
	return err
}

// insertBackoff paces the only layer that retries an insert.
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

// giveUp removes from a refused block the items of messages with too many bad events: finding the
// good ones would take an insert per row. The letter that holds the message contains them. err is
// why the block was refused.
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

// token names a block by this delivery of its messages, and by the ids and versions in it. A
// retried insert of the same call has the same token. Another delivery has another token, because
// ClickHouse may remember a token for longer than the rows exist: someone may have deleted them and
// replayed the message.
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
