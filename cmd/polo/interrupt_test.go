package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"polo/internal/cli"
	"polo/local/sample"
	"polo/local/stack"
)

// An interrupted ingest reports its progress: what was made of records is published or unsent, and
// what was published is in ClickHouse, failed or waiting. The same command does the rest.
func TestInterruptedIngestAddsUp(t *testing.T) {
	t.Parallel()
	day, data := t.TempDir(), t.TempDir()
	if _, err := sample.Write(t.Context(), sample.Options{Dir: day, Records: 12_000, Seed: 1, Day: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC), Gzip: true}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer cancel()
		awaitMessages(ctx, t, data)
	}()
	var out, errs bytes.Buffer
	err := exec(ctx, []string{"ingest", day, "--data", data, "--json"}, strings.NewReader(""), &out, &errs)
	if cli.Code(err) != cli.ExitInterrupted || !strings.Contains(err.Error(), "run it again") {
		t.Fatalf("exit code %d: %v", cli.Code(err), err)
	}
	var s ingestSummary
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		t.Fatalf("%v in %q", err, out.String())
	}
	if !s.Interrupted || s.Published == 0 || s.NotReached == 0 {
		t.Errorf("it was interrupted midway: %+v", s)
	}
	if s.Published != s.Inserted+s.Duplicates+s.Waiting { // no event of the sample fails
		t.Errorf("%d published: %d inserted, %d duplicates, %d waiting", s.Published, s.Inserted, s.Duplicates, s.Waiting)
	}
	if s.Files+s.NotReached != s.Kinds[kindCloudTrail] {
		t.Errorf("%d files read and %d not, of %d", s.Files, s.NotReached, s.Kinds[kindCloudTrail])
	}
	text, _, err := polo(t, "ingest", day, "--data", data, "--json")
	var rest ingestSummary
	if err := errors.Join(err, json.Unmarshal([]byte(text), &rest)); err != nil {
		t.Fatal(err)
	}
	text, _, err = polo(t, "sql", "--data", data, "--format", "tsv", "SELECT count() FROM resource_events")
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if rest.Interrupted || rest.NotReached != 0 || rest.Unsent != 0 || rest.Waiting != 0 || n != s.Inserted+rest.Inserted || n < rest.Published*9/10 {
		t.Errorf("%d events are there, the rest was %+v", n, rest)
	}
}

// awaitMessages returns once some messages are in the queue of the stack that starts on data.
func awaitMessages(ctx context.Context, t *testing.T, data string) {
	t.Helper()
	for ; ctx.Err() == nil; time.Sleep(time.Millisecond) {
		text, err := os.ReadFile(filepath.Join(data, "stack.json"))
		var ends stack.Endpoints
		if err != nil || json.Unmarshal(text, &ends) != nil {
			continue
		}
		main, _ := ends.Queues()
		stats, err := main.Stats(ctx)
		if err != nil && ctx.Err() == nil {
			t.Error(err)
			return
		}
		if !stats.Empty() {
			return
		}
	}
}
