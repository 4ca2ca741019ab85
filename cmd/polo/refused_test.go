package main

import (
	"fmt"
	"testing"

	"polo/local/chdb"
	"polo/local/stack"
)

// refuse makes ClickHouse refuse a data directory's rows that do not satisfy a condition.
func refuse(t *testing.T, data, condition string) {
	t.Helper()
	s, err := stack.Open(t.Context(), stack.Options{Dir: data, Command: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	conn, err := stack.Connect(s.Endpoints.ClickHouseTCP, chdb.Database, s.Endpoints.Users.Migrator)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Exec(t.Context(), "ALTER TABLE resource_events ADD CONSTRAINT test CHECK "+condition); err != nil {
		t.Fatal(err)
	}
}

// Events that ClickHouse refuses keep their letters, even in other messages the second time:
// several readers and senders compose messages.
func TestRefusedEventsIngestedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files, records int
		// taken is the condition for accepted rows.
		taken string
	}{
		"one message, some of it":    {1, 300, "event_type != 'resource.created'"},
		"several messages and a few": {3, 1010, "account_id = ''"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			input, data := t.TempDir(), t.TempDir()
			refuse(t, data, c.taken)
			for i := range c.files {
				file := fmt.Sprint("file", i)
				log(t, input, file+".json", c.records, numbered(file))
			}
			if s := again(t, input, data); s.Reasons["refused_event"] < c.files*c.records || len(s.Reasons) > 1 {
				t.Errorf("failed as %v", s.Reasons)
			}
		})
	}
}
