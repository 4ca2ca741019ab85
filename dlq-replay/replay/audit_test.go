package replay_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"polo/dlq-replay/replay"
	"polo/envelope"
	"polo/internal/queue"
)

// outbox is a queue that accepts everything.
type outbox struct{ sent []queue.Outgoing }

func (o *outbox) SendBatch(_ context.Context, batch []queue.Outgoing) []error {
	o.sent = append(o.sent, batch...)
	return nil
}

func (o *outbox) Limits() queue.Limits {
	return queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: 1 << 20}
}

// An act is published whatever its filter: a filter too long for a message is shortened.
func TestActWithALongFilterIsPublished(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 60_000 {
		ids = append(ids, envelope.NewEventID("x", time.UnixMilli(0), fmt.Sprint(i)).String())
	}
	for name, c := range map[string]struct {
		filter replay.Filter
		want   string
	}{
		"many ids":    {replay.Filter{IDs: ids}, "and 59980 more"},
		"a long text": {replay.Filter{Match: strings.Repeat("ä", 1<<20)}, "…"},
	} {
		var to outbox
		act := replay.Act{Type: replay.TypeReplayed, Run: "r", Started: time.Now(), Actor: "a", DLQ: "d", Filter: c.filter}
		if err := act.Publish(t.Context(), &to, replay.Begun); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if body := to.sent[0].Body; len(to.sent) != 1 || len(body) > 64<<10 {
			t.Errorf("%s: %d messages, the first of %d bytes", name, len(to.sent), len(body))
		}
		d, err := envelope.NewDecoder(envelope.DefaultBounds())
		if err != nil {
			t.Fatal(err)
		}
		p, err := d.Decode([]byte(to.sent[0].Body))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Lines[0].Event.Properties.Get("filter"); !strings.Contains(got, c.want) {
			t.Errorf("%s: it says %.100s", name, got)
		}
	}
}
