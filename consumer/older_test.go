package consumer_test

import (
	"context"
	"testing"
	"time"

	"polo/consumer"
	"polo/internal/queue"
	"polo/schema"
)

// refusingName refuses rows of one name, and records the others.
type refusingName struct {
	sink
	refused string
	taken   []string
}

func (s *refusingName) Insert(_ context.Context, rows *schema.Rows, _ string) error {
	var names []string
	for _, c := range rows.Input() {
		if column, ok := c.Data.(interface{ Row(int) string }); ok && c.Name == "resource_name" {
			for i := range rows.Len() {
				names = append(names, column.Row(i))
			}
		}
	}
	for _, n := range names {
		if n == s.refused {
			return errRefused
		}
	}
	s.taken = append(s.taken, names...)
	return nil
}

// If a later statement of an event is refused, the latest accepted one stands, as if they had come
// in separate batches.
func TestRefusedStatementLeavesTheOlderOne(t *testing.T) {
	t.Parallel()
	first, second, third, other := event(1, at), event(1, at.Add(time.Minute)), event(1, at.Add(time.Hour)), event(2, at)
	first.ResourceName, second.ResourceName, third.ResourceName, other.ResourceName = "first", "second", "refuse", "other"
	messages := []queue.Message{message(t, "a", first), message(t, "b", third, other), message(t, "c", second), message(t, "d", first)}
	s, dlq := &refusingName{refused: "refuse"}, &letters{}
	r, err := newConsumer(t, s, dlq).Process(t.Context(), messages)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range r.Verdicts {
		if v != consumer.Ack {
			t.Errorf("message %d is not done", i)
		}
	}
	got := map[string]int{}
	for _, name := range s.taken {
		got[name]++
	}
	if got["second"] != 1 || got["other"] != 1 || got["first"] != 0 || len(dlq.sent) != 1 {
		t.Errorf("landed %v, with %d letters", got, len(dlq.sent))
	}
	if r.Inserted != 2 || r.Duplicates != 2 {
		t.Errorf("report %+v", r)
	}
}
