package inventory_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"polo/envelope"
	"polo/producers"
	"polo/producers/inventory"
)

// realData returns the folder of real files that the environment names; without it the test is
// skipped.
func realData(t *testing.T) string {
	t.Helper()
	root := os.Getenv("POLO_REAL_DATA")
	if root == "" {
		t.Skip("POLO_REAL_DATA is not set: it names a folder of real recordings")
	}
	return root
}

func origin() inventory.Origin {
	return inventory.Origin{
		Account: "000011112222", Region: "us-east-1", At: time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC), Identity: producers.DefaultIdentity(),
	}
}

// callTally counts the outcomes of all recordings of one call.
type callTally struct {
	files, items, events int
	outcomes             map[string]int
}

// TestRecordings normalises every recording: it gives valid events, or a reason.
func TestRecordings(t *testing.T) {
	t.Parallel()
	root := realData(t)
	n, err := inventory.NewNormaliser()
	if err != nil {
		t.Fatal(err)
	}
	tallies := map[string]*callTally{}
	var files, events int
	types := map[string]int{}
	for _, folder := range []string{"aws_api_recordings", "aws_api_examples"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			service, call, ok := inventory.CallOfFile(path)
			if !ok {
				return fmt.Errorf("%s: the name has no call", path)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			found, outcome, err := normalise(n, service, call, data)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			events += len(found)
			for _, e := range found {
				types[e.ResourceType]++
			}
			check(t, path, found, outcome)
			key := service + "." + call
			if tallies[key] == nil {
				tallies[key] = &callTally{outcomes: map[string]int{}}
			}
			tally := tallies[key]
			tally.files++
			tally.items += outcome.Items
			tally.events += len(found)
			tally.outcomes[outcome.String()]++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files == 0 || events == 0 {
		t.Fatalf("%d files became %d events", files, events)
	}
	t.Log("\n" + table(tallies))
	t.Logf("%d files, %d events of %d types: %v", files, events, len(types), types)
}

// check checks what must hold for every recording.
func check(t *testing.T, path string, events []envelope.ResourceEvent, o inventory.Outcome) {
	t.Helper()
	if (len(events) == 0) == (o.Reason == "") {
		t.Errorf("%s: %d events and the reason %q", path, len(events), o.Reason)
	}
	left := 0
	for _, n := range o.Left {
		left += n
	}
	if len(events)+left != o.Items {
		t.Errorf("%s: of %d items %d became events and %d were left out", path, o.Items, len(events), left)
	}
	if len(o.Damaged) > 0 {
		t.Errorf("%s: damaged: %v", path, o.Damaged)
	}
	for _, e := range events {
		if err := e.Validate(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		arn, err := envelope.ParseARN(e.ARN)
		if err != nil || arn.ResourceType() != e.ResourceType {
			t.Errorf("%s: type %q of %s", path, e.ResourceType, e.ARN)
		}
		if e.AccountID == "" || len(e.Ancestors) == 0 {
			t.Errorf("%s: %s: account %q, ancestors %v", path, e.ARN, e.AccountID, e.Ancestors)
		}
	}
}

// table lists the outcomes by call, and briefly those that are not covered.
func table(tallies map[string]*callTally) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "call\tfiles\titems\tevents\toutcomes")
	var not []string
	for _, key := range sorted(tallies) {
		tally := tallies[key]
		if len(tally.outcomes) == 1 && tally.outcomes[string(inventory.ReasonNotCovered)] > 0 {
			not = append(not, fmt.Sprintf("%s (%d)", key, tally.files))
			continue
		}
		var outcomes []string
		for _, o := range sorted(tally.outcomes) {
			outcomes = append(outcomes, fmt.Sprintf("%d %s", tally.outcomes[o], o))
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\n", key, tally.files, tally.items, tally.events, strings.Join(outcomes, "; "))
	}
	if err := w.Flush(); err != nil {
		return err.Error()
	}
	return b.String() + "not covered: " + strings.Join(not, ", ")
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
