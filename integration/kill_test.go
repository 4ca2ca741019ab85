package integration_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"polo/local/sample"
)

// Kills of polo ingest: few by default, many if POLO_FAULTS is set.
const (
	fewKills  = 3
	manyKills = 6
)

// TestKill kills `polo ingest` with SIGKILL at random moments and runs it again: the tables
// must equal those of an undisturbed run.
func TestKill(t *testing.T) {
	kills := fewKills
	if os.Getenv("POLO_FAULTS") != "" {
		kills = manyKills
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("POLO_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("POLO_SEED: %v", err)
		}
	}
	t.Logf("seed %d (POLO_SEED=%d repeats it)", seed, seed)
	rng := rand.New(rand.NewPCG(seed, 1))

	input := t.TempDir()
	day := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	made, err := sample.Write(t.Context(), sample.Options{Dir: input, Records: 30_000, Seed: 7, Day: day, Gzip: true})
	if err != nil {
		t.Fatal(err)
	}
	undisturbed := t.TempDir()
	started := time.Now()
	first := ingest(t, undisturbed, input)
	whole := time.Since(started)
	if first.Read != int64(made.Records) {
		t.Fatalf("read %d records, %d were written", first.Read, made.Records)
	}
	want := tables(t, undisturbed)
	t.Logf("undisturbed: %d records, %d events in %s", first.Read, first.Published, whole.Round(time.Millisecond))

	// A busy machine is sometimes faster than in the undisturbed run, so add rounds until
	// there are as many kills as wanted.
	killed, rounds := 0, 0
	for ; rounds < kills || killed < kills && rounds < 4*kills; rounds++ {
		data := t.TempDir()
		// One to three kills on the same directory, then a run to the end.
		var at []string
		for range 1 + rng.IntN(3) {
			after := time.Duration(rng.Int64N(int64(whole)))
			if killAfter(t, data, input, after) {
				killed++
				at = append(at, after.Round(time.Millisecond).String())
			}
		}
		last := ingest(t, data, input)
		if last.Failed != 0 {
			t.Errorf("round %d: %d failures: %v", rounds, last.Failed, last.Reasons)
		}
		same(t, fmt.Sprintf("seed %d, round %d, killed after %v", seed, rounds, at), want, tables(t, data))
		if err := os.RemoveAll(data); err != nil {
			t.Fatal(err)
		}
	}
	if killed < kills {
		t.Errorf("only %d kills found the process running in %d rounds", killed, rounds)
	}
	t.Logf("%d kills in %d rounds", killed, rounds)
}

// killAfter starts an ingest and kills it; it reports false if the ingest had ended before.
func killAfter(t *testing.T, data, input string, after time.Duration) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	cmd := command(ctx, t, "ingest", "--data", data, "--input", input, "--json")
	err := cmd.Run() // cancelling the context sends SIGKILL
	if errors.Is(err, context.DeadlineExceeded) {
		return false // the time was up before the process started, or just as it ended
	}
	if err != nil && !isKilled(err) {
		t.Fatalf("ingest before the kill: %v", err)
	}
	return err != nil
}
