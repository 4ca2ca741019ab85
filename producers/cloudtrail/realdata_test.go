package cloudtrail_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/producers/cloudtrail"
	"polo/producers/cloudtrail/resolve"
)

// realData returns the folder of real records, which are not part of the project.
func realData(t *testing.T, parts ...string) string {
	t.Helper()
	root := os.Getenv("POLO_REAL_DATA")
	if root == "" {
		t.Skip("POLO_REAL_DATA is not set: no real records to read")
	}
	dir := filepath.Join(append([]string{root}, parts...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("POLO_REAL_DATA is set: %v", err)
	}
	return dir
}

// TestRealRecords: every record gives exactly one activity, all events are valid, and neither the
// order of files nor the number of workers changes them.
func TestRealRecords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path  string
		files int
		read  int64
	}{
		{"cloudtrail/invictus", 28, 2093},
		{"cloudtrail/stratus", 11, 54},
		{"eventbridge", 19, 19},
		{"aws_api_examples/cloudtrail.lookup-events_1.json", 1, 1},
	} {
		t.Run(tc.path, func(t *testing.T) {
			t.Parallel()
			dir := realData(t, filepath.FromSlash(tc.path))
			one := collect(t, dir, 1)
			many := collect(t, dir, 4)
			if d := cmp.Diff(one.sorted(), many.sorted()); d != "" {
				t.Errorf("other events with more workers (-one +four):\n%s", d)
			}
			renamed := collect(t, shuffled(t, dir), 2)
			if d := cmp.Diff(one.sorted(), renamed.sorted()); d != "" {
				t.Errorf("other events in another order (-was +is):\n%s", d)
			}
			if one.summary.Files != tc.files || one.summary.Read != tc.read || int64(one.activities()) != tc.read || len(one.Failures) > 0 {
				t.Errorf("%d files, %d records, %d activities, failures %v; want %d files, %d records", one.summary.Files, one.summary.Read, one.activities(), one.Failures, tc.files, tc.read)
			}
			for i := range one.Events {
				if err := one.Events[i].Validate(); err != nil {
					t.Errorf("%s %s: %v", one.Events[i].Properties.Get("event_name"), one.Events[i].EventType, err)
				}
			}
			t.Log(table(one))
		})
	}
}

type collected struct {
	recorder
	summary cloudtrail.Summary
}

func collect(t *testing.T, input string, workers int) *collected {
	t.Helper()
	var c collected
	f := cloudtrail.Files{Input: input, Workers: workers, Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{}), ObservedAt: observed}
	s, err := f.Collect(t.Context(), &c.recorder)
	if err != nil {
		t.Fatal(err)
	}
	if s.Events != int64(len(c.Events)) {
		t.Errorf("summary says %d events, emitted %d", s.Events, len(c.Events))
	}
	c.summary = s
	return &c
}

// shuffled links the files of a folder under names that sort differently.
func shuffled(t *testing.T, dir string) string {
	t.Helper()
	out := t.TempDir()
	var files []string
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	for i, p := range files {
		if err := os.Symlink(p, filepath.Join(out, fmt.Sprintf("%03d.json", i))); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// table lists how the activities' ARNs were found, with the calls that have none.
func table(c *collected) string {
	var b strings.Builder
	hows := make([]string, 0, len(c.summary.Resolutions))
	for how := range c.summary.Resolutions {
		hows = append(hows, string(how))
	}
	slices.Sort(hows)
	for _, how := range hows {
		fmt.Fprintf(&b, "\n%6d  %s", c.summary.Resolutions[resolve.Resolution(how)], how)
		if strings.HasPrefix(how, "unresolved") {
			names := make(map[string]int)
			for _, e := range c.Events {
				if e.Properties.Get("arn_resolution") == how {
					names[e.Properties.Get("event_name")]++
				}
			}
			fmt.Fprintf(&b, " %v", names)
		}
	}
	types := make(map[string]int)
	for _, e := range c.Events {
		types[e.EventType]++
	}
	fmt.Fprintf(&b, "\n        %v", types)
	return b.String()
}

// realRecords returns the records of all real files, and the generated ones.
func realRecords(t *testing.T) []string {
	t.Helper()
	records := day(64)
	if os.Getenv("POLO_REAL_DATA") == "" {
		return records
	}
	for _, part := range []string{"cloudtrail/invictus", "cloudtrail/stratus", "eventbridge"} {
		files, err := filepath.Glob(filepath.Join(realData(t, filepath.FromSlash(part)), "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var wrapped struct{ Records []json.RawMessage }
			var list []json.RawMessage
			switch {
			case json.Unmarshal(data, &list) == nil:
			case json.Unmarshal(data, &wrapped) == nil && wrapped.Records != nil:
				list = wrapped.Records
			default:
				list = []json.RawMessage{data}
			}
			for _, r := range list {
				records = append(records, string(r))
			}
		}
	}
	return records
}

// TestMutatedRecords removes members, sets them to null and changes their types: every record
// still gives valid events or a *RecordError.
func TestMutatedRecords(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	good, bad := 0, 0
	for _, record := range realRecords(t) {
		for range 4 {
			var v any
			if err := json.Unmarshal([]byte(record), &v); err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(mutate(random, v, 0))
			if err != nil {
				t.Fatal(err)
			}
			out, err := n.Normalise(data, observed)
			var re *cloudtrail.RecordError
			switch {
			case err == nil:
				good++
				check(t, out)
			case errors.As(err, &re) && re.Reason != "":
				bad++
			default:
				t.Errorf("error %v is not a *RecordError", err)
			}
			if t.Failed() {
				t.Fatalf("record: %s", data)
			}
		}
	}
	t.Logf("%d gave events, %d an error", good, bad)
	if good == 0 || bad == 0 {
		t.Errorf("%d gave events, %d an error: the mutations are too mild or too wild", good, bad)
	}
}

func mutate(random *rand.Rand, v any, depth int) any {
	if depth > 0 && random.IntN(40) == 0 {
		odd := []any{nil, "", "arn:", "arn:aws:::", "i-", 7, -1.5e300, true, []any{}, map[string]any{}, []any{[]any{"x"}, nil}, "\u0000", strings.Repeat("é", 300), "arn:aws:s3:::\u0007"}
		return odd[random.IntN(len(odd))]
	}
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if random.IntN(30) == 0 {
				delete(v, k)
				continue
			}
			v[k] = mutate(random, v[k], depth+1)
		}
	case []any:
		for i := range v {
			v[i] = mutate(random, v[i], depth+1)
		}
	}
	return v
}

// FuzzNormalise looks for records whose outcome is invalid.
func FuzzNormalise(f *testing.F) {
	for _, r := range day(16) {
		f.Add([]byte(r))
	}
	f.Add([]byte(`{"detail-type":"x","source":"aws.ec2","time":"2026-03-01T10:11:12Z","detail":{"instance-id":"i-0123456789abcdef0"}}`))
	f.Add([]byte(`{"configRuleArn":"x","invokingEvent":"{\"notificationCreationTime\":1}"}`))
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := n.Normalise(data, observed)
		if err != nil {
			return
		}
		check(t, out)
		again, err := n.Normalise(data, observed)
		if d := cmp.Diff(out, again); d != "" || err != nil {
			t.Errorf("the same record gives other events (%v):\n%s", err, d)
		}
	})
}
