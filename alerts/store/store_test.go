package store_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	gocmp "github.com/google/go-cmp/cmp"

	"polo/alerts"
	"polo/alerts/alertstest"
	"polo/alerts/channel"
	"polo/alerts/route"
	"polo/alerts/store"
	"polo/envelope"
	"polo/internal/clickhouse"
	"polo/local/chdb"
	"polo/local/chdb/chdbtest"
	"polo/schema"
	catalogue "polo/schema/alerts"
	"polo/schema/queries"
)

func TestMain(m *testing.M) {
	chdb.RunChild()
	os.Exit(m.Run())
}

// both publishes to the log in memory and to ClickHouse.
type both struct {
	log  *alertstest.Log
	sink *clickhouse.Sink
	n    int
}

// Publish implements alerts.Journal.
func (b *both) Publish(ctx context.Context, events ...envelope.ResourceEvent) error {
	if len(events) == 0 {
		return nil
	}
	rows := schema.NewRows()
	for i := range events {
		if err := rows.Append(&events[i], uint64(events[i].ObservedAt.UnixMilli())<<22); err != nil { //nolint:gosec // after 1970
			return err
		}
	}
	b.n++
	return errors.Join(b.log.Publish(ctx, events...), b.sink.Insert(ctx, rows, fmt.Sprintf("%s %d", events[0].EventID, b.n)))
}

// TestStoreAnswersAsTheLog plays a few hours of alerts, and asks after each run both ClickHouse and the log that the runner's own tests
// use: they answer the same.
func TestStoreAnswersAsTheLog(t *testing.T) {
	t.Parallel()
	engine := chdbtest.Start(t)
	conn, err := ch.Open(&ch.Options{Addr: []string{engine.TCPAddr}, Auth: ch.Auth{Username: engine.Users.Reader.Name, Password: engine.Users.Reader.Password, Database: chdb.Database}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	sink := clickhouse.NewSink(clickhouse.Config{Addr: engine.TCPAddr, Database: chdb.Database, User: engine.Users.Writer.Name, Password: engine.Users.Writer.Password})
	t.Cleanup(func() { _ = sink.Close() })
	now := time.Now().UTC().Add(-time.Hour).Truncate(time.Minute)
	log := alertstest.NewLog()
	journal := &both{log: log, sink: sink}
	real := store.New(conn, func() time.Time { return now })
	alert := catalogue.Alert{
		ID: "leak", Title: "It's leaking\t\"all\" over", Severity: "high", For: 1, KeepFiring: 1, Repeat: 15 * time.Minute,
		Labels: []queries.Column{{Name: "name", Type: "String"}, {Name: "account_id", Type: "String"}}, Values: []queries.Column{{Name: "litres", Type: "UInt64"}}, SQL: "SELECT 1",
	}
	bad := &alertstest.Inbox{}
	bad.Answer(func(context.Context, channel.Message) (bool, error) {
		return false, &channel.Error{Err: errors.New("not there"), Permanent: true}
	})
	n := 0
	cfg := alerts.Config{
		Store: log, Journal: journal, Alerts: []catalogue.Alert{alert}, Routes: &route.Config{Default: []string{"good", "bad"}, Cap: 3},
		Channels: map[string]channel.Channel{"good": &alertstest.Inbox{}, "bad": bad}, Now: func() time.Time { return now },
		Token: func() string { n++; return fmt.Sprintf("run-%d", n) },
	}
	silence := alerts.Silence{ID: "s1", Alert: "leak", Labels: map[string]string{"name": "ro*f"}, Author: "ada", Reason: "it's \"known\"", Starts: now, Expires: now.Add(time.Hour)}
	publish := func(e envelope.ResourceEvent, err error) {
		t.Helper()
		if err := errors.Join(err, journal.Publish(t.Context(), e)); err != nil {
			t.Fatal(err)
		}
	}
	publish(silence.Event(now))
	row := func(name string) []any { return []any{name, "012345678901", "7", catalogue.Wrong} }
	for step, rows := range []alertstest.Rows{
		{Rows: [][]any{row("tap"), row(`p\'ipe`), row("roof")}},
		{Rows: [][]any{row("tap"), row("roof")}},
		{Rows: [][]any{row("tap"), row("roof")}},
		{Err: errors.New("no memory")},
		{Err: errors.New("no memory")},
		{Rows: [][]any{row("roof")}},
		{},
		{},
	} {
		now = now.Add(5 * time.Minute)
		log.Set("leak", rows)
		r, err := alerts.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Run(t.Context(), now); err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		if step == 4 {
			silence.Revoked, silence.By = true, "bob"
			publish(silence.Event(now))
			if err := log.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		compare(t, step, now, log, real, fmt.Sprintf("run-%d", n))
	}
}

// compare asks both all that a run asks.
func compare(t *testing.T, step int, now time.Time, want, got alerts.Store, run string) {
	t.Helper()
	since := now.Add(-12 * time.Minute)
	ask := func(s alerts.Store) (out struct {
		Turns         alerts.Turns
		Statuses      []alerts.Status
		Notifications []alerts.Notification
		Silences      []alerts.Silence
		Arrived       int
	},
	) {
		var errs [5]error
		out.Turns, errs[0] = s.Turns(t.Context())
		out.Statuses, errs[1] = s.Statuses(t.Context(), since)
		out.Notifications, errs[2] = s.Notifications(t.Context(), since)
		out.Silences, errs[3] = s.Silences(t.Context(), now)
		out.Arrived, errs[4] = s.Arrived(t.Context(), run, now.Add(-time.Minute))
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		episodes := map[string]bool{}
		for i := range out.Statuses {
			x := &out.Statuses[i]
			episodes[x.Episode()] = true
			slices.SortFunc(x.Labels, func(a, b channel.Pair) int { return cmp.Compare(a.Name, b.Name) })
		}
		// The log returns the notifications of every episode.
		out.Notifications = slices.DeleteFunc(out.Notifications, func(n alerts.Notification) bool { return !episodes[n.Episode] })
		slices.SortFunc(out.Statuses, func(a, b alerts.Status) int { return cmp.Compare(a.ID, b.ID) })
		slices.SortFunc(out.Notifications, func(a, b alerts.Notification) int { return cmp.Compare(a.ID(), b.ID()) })
		return out
	}
	if diff := gocmp.Diff(ask(want), ask(got)); diff != "" {
		t.Errorf("step %d (-log +ClickHouse):\n%s", step, diff)
	}
	if step == 0 && len(ask(got).Notifications) < 5 {
		t.Errorf("only %d notifications", len(ask(got).Notifications))
	}
}

// TestAnswers asks real questions.
func TestAnswers(t *testing.T) {
	t.Parallel()
	engine := chdbtest.Start(t)
	conn, err := ch.Open(&ch.Options{Addr: []string{engine.TCPAddr}, Auth: ch.Auth{Username: engine.Users.Reader.Name, Password: engine.Users.Reader.Password, Database: chdb.Database}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s := store.New(conn, time.Now)
	for sql, want := range map[string]bool{"SELECT true": true, "SELECT count() > 0 FROM polo.resource_events": false} {
		if got, err := s.HasData(t.Context(), sql); err != nil || got != want {
			t.Errorf("%s: %v, %v", sql, got, err)
		}
	}
	for _, sql := range []string{"SELECT nothing", "SELECT true WHERE false"} {
		if _, err := s.HasData(t.Context(), sql); err == nil {
			t.Errorf("%s: no error", sql)
		}
	}
}
