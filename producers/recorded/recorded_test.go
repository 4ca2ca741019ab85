package recorded_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/producers/emittertest"
	"polo/producers/recorded"
	"polo/producers/recording"
	"polo/producers/tree"
	"polo/producers/tree/treetest"
)

// collect reads files in the given order; nil means by name.
func collect(t *testing.T, files map[string]string, names []string, set func(*recorded.Files)) (*emittertest.Recorder, recorded.Summary) {
	t.Helper()
	dir := treetest.Folder(t, files)
	for name := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		// Like a copy, each file has another modification time.
		changed := time.Now().Add(-time.Duration(rand.IntN(1e6)) * time.Second)
		if err := os.Chtimes(p, changed, changed); err != nil {
			t.Fatal(err)
		}
		if names == nil || len(names) < len(files) {
			names = append(names, name)
		}
	}
	in, err := tree.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r := &emittertest.Recorder{}
	f := recorded.Files{Tree: in, Names: names, ObservedAt: time.Now()}
	if set != nil {
		set(&f)
	}
	s, err := f.Collect(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}

// answer returns a DescribeInstances response for one instance.
func answer(state, more string) string {
	return `{"Reservations":[{"OwnerId":"111122223333","Instances":[{"InstanceId":"i-0bfe468063b02d018","State":{"Name":"` + state + `"},"Placement":{"AvailabilityZone":"us-west-2a"}}]}]` + more + `}`
}

// A recording's time is the one it states, else the one given, else an early one.
func TestTimeOfARecording(t *testing.T) {
	t.Parallel()
	date := `"ResponseMetadata":{"HTTPHeaders":{"date":"Tue, 31 Oct 2017 19:27:20 GMT"}}`
	told := time.Date(2017, 10, 31, 19, 27, 20, 0, time.UTC)
	given := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		text     string
		at, want time.Time
	}{
		"botocore's recorder":          {`{"status_code":200,"data":` + answer("running", ","+date) + `}`, given, told},
		"the CLI, or an SDK":           {answer("running", ","+date), time.Time{}, told},
		"a recorder's own time":        {`{"recorded_at":"2026-02-03T04:05:06.789Z","data":` + answer("running", ","+date) + `,"status_code":200}`, given, time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)},
		"headers beside the answer":    {`{"headers":{"Date":["Tue, 31 Oct 2017 19:27:20 GMT"]},"status_code":200,"data":` + answer("running", "") + `}`, given, told},
		"seconds":                      {`{"recordedAt":1509478040,"status_code":200,"data":` + answer("running", "") + `}`, given, told},
		"the one that is given":        {answer("running", ""), given, given},
		"none":                         {answer("running", ""), time.Time{}, recording.Undated()},
		"a date of the answer's own":   {`{"status_code":200,"data":` + answer("running", `,"Date":"2020-01-01"`) + `}`, given, given},
		"a date that is none":          {answer("running", `,"ResponseMetadata":{"HTTPHeaders":{"date":"yesterday"}}`), given, given},
		"a year that is not to be had": {answer("running", `,"ResponseMetadata":{"HTTPHeaders":{"date":"Tue, 31 Oct 9017 19:27:20 GMT"}}`), given, given},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, s := collect(t, map[string]string{"ec2.DescribeInstances_1.json": tc.text}, nil, func(f *recorded.Files) { f.At = tc.at })
			if len(r.Events) != 1 || len(r.Failures) != 0 {
				t.Fatalf("%d events, failures %v", len(r.Events), r.Failures)
			}
			e := r.Events[0]
			if !e.TS.Equal(tc.want) || !e.ObservedAt.Truncate(time.Second).Equal(tc.want) {
				t.Errorf("ts %s, observed_at %s, want %s", e.TS, e.ObservedAt, tc.want)
			}
			if undated := tc.want.Equal(recording.Undated()); (s.Undated == 1) != undated {
				t.Errorf("%d undated", s.Undated)
			}
		})
	}
}

// Of responses of one second the one with the greater number counts. Of those with one number
// always the same one counts, in whatever order they are read and whenever they were copied.
func TestAnswersOfOneSecond(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"a/ec2.DescribeInstances_9.json":  answer("running", ""),
		"a/ec2.DescribeInstances_10.json": answer("stopped", ""),
		"b/ec2.describe-instances_1.json": answer("pending", ""),
		"c/ec2.DescribeInstances.json":    answer("terminated", ""),
	}
	var first []string
	for seed := range uint64(6) {
		names := []string{}
		for name := range files {
			names = append(names, name)
		}
		slices.Sort(names)
		rand.New(rand.NewPCG(seed, seed)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		r, _ := collect(t, files, names, nil)
		var got []string
		newest := envelope.ResourceEvent{}
		for _, e := range r.Events {
			got = append(got, fmt.Sprint(e.EventID, e.TS, e.ObservedAt, e.State))
			if e.ObservedAt.After(newest.ObservedAt) {
				newest = e
			}
		}
		slices.Sort(got)
		if len(got) != len(files) || newest.State != "stopped" {
			t.Fatalf("order %v: %d events, the newest says %q", names, len(got), newest.State)
		}
		if first == nil {
			first = got
		}
		if d := cmp.Diff(first, got); d != "" {
			t.Errorf("order %v (-first +now):\n%s", names, d)
		}
	}
}

// Two responses with one name and second are told apart by content, wherever they are.
func TestAnswersOfOneName(t *testing.T) {
	t.Parallel()
	seen := map[string]time.Time{}
	for _, dirs := range [][2]string{{"a", "b"}, {"b", "a"}} {
		r, _ := collect(t, map[string]string{
			dirs[0] + "/ec2.DescribeInstances_1.json": answer("running", ""),
			dirs[1] + "/ec2.DescribeInstances_1.json": answer("stopped", ""),
		}, nil, nil)
		for _, e := range r.Events {
			if had, ok := seen[e.State]; ok && !had.Equal(e.ObservedAt) {
				t.Errorf("%s: observed_at %s and %s", e.State, had, e.ObservedAt)
			}
			seen[e.State] = e.ObservedAt
		}
	}
	if seen["running"].Equal(seen["stopped"]) {
		t.Errorf("both have observed_at %s", seen["running"])
	}
}

// What becomes no event is counted by call if the reason is about the call, else by reason.
func TestLeftOutIsNamed(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"ec2.DescribeThings_1.json":       `{"Things":[]}`,
		"ec2.DescribeThings_2.json":       `{"Things":[]}`,
		"glue.GetJobs_1.json":             `{"Jobs":[]}`,
		"ce.get-tags_1.json":              `{"Tags":[]}`,
		"lambda.ListFunctions_1.json":     `{"Functions":[]}`,
		"ec2.DescribeVpcs_1.json":         `{"Error":{"Code":"UnauthorizedOperation"}}`,
		"saved.json":                      `{"status_code":200,"data":{}}`,
		"ec2.DescribeVolumes_1.json":      `{"Volumes":[{"VolumeId":"vol-0123456789abcdef0","State":"available"}]}`,
		"ec2.DescribeInstances_1.json":    `[{"InstanceId":"i-0123456789abcdef0"}]`,
		"ec2.DescribeInstances_2.json":    ``,
		"ec2.DescribeInstances_3.json":    answer("running", "")[:60],
		"ce.get-cost-and-usage_1.json":    `[1,2]`,
		"cloudwatch.GetMetricData_1.json": `[]`,
		"ec2.DescribeInstances_4.json.gz": "\x1f\x8bno",
	}
	r, s := collect(t, files, nil, nil)
	got := map[string]int{}
	for _, l := range s.Left {
		if files[l.Example] == "" {
			t.Errorf("%s: the example %q is not a file", l.Why, l.Example)
		}
		got[strings.TrimSpace(l.Why+" "+l.Call)] = l.Count
	}
	if d := cmp.Diff(map[string]int{
		"not_covered ec2:DescribeThings": 2, "not_covered glue:GetJobs": 1, "not_covered ce:GetTags": 1, "empty": 1, "error_answer": 1, "no_call": 1, "no_place": 1,
	}, got); d != "" {
		t.Errorf("left (-want +got):\n%s", d)
	}
	letters := map[string]string{}
	for _, f := range r.Failures {
		letters[f.Origin] = string(f.Reason)
		if f.Err == "" || len(f.Body) == 0 {
			t.Errorf("the failure of %s does not explain itself: %+v", f.Origin, f)
		}
	}
	if d := cmp.Diff(map[string]string{
		"ec2.DescribeInstances_1.json": "malformed_record", "ec2.DescribeInstances_2.json": "unreadable_file", "ec2.DescribeInstances_3.json": "malformed_record",
		"ce.get-cost-and-usage_1.json": "malformed_record", "cloudwatch.GetMetricData_1.json": "malformed_record", "ec2.DescribeInstances_4.json.gz": "unreadable_file",
	}, letters); d != "" {
		t.Errorf("failures (-want +got):\n%s", d)
	}
}
