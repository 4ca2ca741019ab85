package integration_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/consumer"
	"polo/envelope"
	sink "polo/internal/clickhouse"
	"polo/internal/queue"
	"polo/local/stack"
)

// TestPoisonIsolatesToTheEvent: of 10,000 rows in one batch ClickHouse refuses two, by
// a constraint. The others are inserted in the same call, and the errors of the two
// name the column and its type but not the value.
func TestPoisonIsolatesToTheEvent(t *testing.T) {
	t.Parallel()
	const events, value = 10_000, "hunter2"
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	poison := map[int]bool{17: true, 9_321: true}
	withStack(t, t.TempDir(), func(s *stack.Stack) {
		conn, err := stack.Connect(s.Endpoints.ClickHouseTCP, s.Endpoints.Database, s.Endpoints.Users.Migrator)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if err := conn.Exec(t.Context(), "ALTER TABLE resource_events ADD CONSTRAINT rule CHECK state != '"+value+"'"); err != nil {
			t.Fatal(err)
		}
		var lines [][]byte
		for i := range events {
			e := envelope.ResourceEvent{
				EventID: envelope.NewEventID("test", at, fmt.Sprint(i)), EventType: envelope.TypeAPICall, Source: "test", TS: at, ObservedAt: at,
			}
			if poison[i] {
				e.State = value
			}
			lines = append(lines, e.AppendJSON(nil))
		}
		var messages []queue.Message
		for i := 0; i < events; i += 500 {
			packs, _, err := envelope.EncodePacks("test", lines[i:i+500], 1<<20)
			if err != nil || len(packs) != 1 {
				t.Fatalf("%d packs, %v", len(packs), err)
			}
			messages = append(messages, queue.Message{ID: fmt.Sprint("m", i), Body: packs[0].Body, ReceiveCount: 1})
		}
		var log bytes.Buffer
		w := s.Endpoints.Users.Writer
		out := sink.NewSink(sink.Config{Addr: s.Endpoints.ClickHouseTCP, Database: s.Endpoints.Database, User: w.Name, Password: w.Password})
		defer func() { _ = out.Close() }()
		c, err := consumer.New(consumer.Config{Sink: out, DeadLetter: s.DLQ, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		report, err := c.Process(t.Context(), messages)
		if err != nil {
			t.Fatal(err)
		}
		if report.Inserted != events-len(poison) {
			t.Errorf("inserted %d of %d", report.Inserted, events)
		}
		var n uint64
		if err := conn.QueryRow(context.Background(), "SELECT count() FROM resource_events FINAL").Scan(&n); err != nil || int(n) != events-len(poison) {
			t.Errorf("%d rows, %v; want %d", n, err, events-len(poison))
		}
		got, err := s.DLQ.Receive(t.Context(), 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		bodies := map[string]bool{}
		for _, m := range got {
			f, err := queue.ParseFailure(m)
			if err != nil {
				t.Fatal(err)
			}
			bodies[string(f.Body)] = true
			if f.Reason != queue.ReasonRefusedEvent || f.Unit != queue.UnitEvent {
				t.Errorf("failure is %s of a %s", f.Reason, f.Unit)
			}
			if !strings.Contains(f.Err, "column state LowCardinality(String)") || strings.Contains(f.Err, value) {
				t.Errorf("error %q: want the column and its type, and not the value", f.Err)
			}
		}
		want := map[string]bool{}
		for i := range poison {
			want[string(lines[i])] = true
		}
		if diff := cmp.Diff(want, bodies); diff != "" {
			t.Errorf("in the dead-letter queue (-want +got):\n%s", diff)
		}
		if strings.Contains(log.String(), value) {
			t.Errorf("the log holds the value: %s", log.String())
		}
	})
}
