package cloudtrail_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gocloud.dev/blob/memblob"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cloudtrail"
	"polo/producers/tree/treetest"
)

func quoted(t *testing.T, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestFilesForms: the same records in any form give the same events.
func TestFilesForms(t *testing.T) {
	t.Parallel()
	records := day(9)
	list := strings.Join(records, ",")
	var bridge, lookup []string
	for _, r := range records {
		bridge = append(bridge, `{"detail-type":"AWS API Call via CloudTrail","source":"aws.x","account":"111122223333","detail":`+r+`}`)
		lookup = append(lookup, `{"EventId":"x","CloudTrailEvent":`+quoted(t, r)+`}`)
	}
	forms := map[string]string{
		"log.json":       `{"Records":[` + list + `]}`,
		"log.json.gz":    treetest.Gzip(t, `{"Records":[`+list+`]}`),
		"zipped.json":    treetest.Gzip(t, `{"Records":[`+list+`]}`),
		"plain.json.gz":  `{"Records":[` + list + `]}`,
		"pretty.json":    indent(t, `{"Records":[`+list+`]}`),
		"bom.json":       "\xef\xbb\xbf \n{\"Records\" : [" + list + "]}\n",
		"members.json":   `{"a":[1,{"b":"]"}],"Records":[` + list + `],"NextToken":"x","c":{"d":[]}}`,
		"array.json":     `[` + list + `]`,
		"ndjson.jsonl":   strings.Join(records, "\n") + "\n",
		"crlf.ndjson.gz": treetest.Gzip(t, strings.Join(records, "\r\n")),
		"concat.json":    strings.Join(records, ""),
		"two.json":       `{"Records":[` + strings.Join(records[:4], ",") + `]}` + "\n" + `{"Records":[` + strings.Join(records[4:], ",") + `]}`,
		"bridge.json":    `[` + strings.Join(bridge, ",") + `]`,
		"bridge.ndjson":  strings.Join(bridge, "\n"),
		"lookup.json":    `{"NextToken":"abc","Events":[` + strings.Join(lookup, ",") + `]}`,
		"logs.json":      `{"messageType":"DATA_MESSAGE","logEvents":[` + strings.ReplaceAll(strings.Join(lookup, ","), `"CloudTrailEvent"`, `"message"`) + `]}`,
	}
	want := collect(t, treetest.Folder(t, map[string]string{"a.json": forms["log.json"]}), 1)
	if len(want.Events) < len(records) || len(want.Failures) > 0 {
		t.Fatalf("%d events, failures %v", len(want.Events), want.Failures)
	}
	for name, text := range forms {
		got := collect(t, treetest.Folder(t, map[string]string{name: text}), 2)
		if d := cmp.Diff(want.sorted(), got.sorted()); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if got.summary.Read != int64(len(records)) || len(got.Failures) > 0 {
			t.Errorf("%s: read %d, failures %v", name, got.summary.Read, got.Failures)
		}
	}
	one := collect(t, treetest.Folder(t, map[string]string{"one.json": records[0]}), 1)
	if one.activities() != 1 {
		t.Errorf("a bare record gives %d activities", one.activities())
	}
}

// TestFilesDamage: damage is rejected with a reason and a place, and everything beside it is
// read.
func TestFilesDamage(t *testing.T) {
	t.Parallel()
	r := day(6)
	list := strings.Join(r, ",")
	whole := `{"Records":[` + list + `]}`
	cases := []struct {
		name, file, text string
		activities       int
		reasons          map[queue.Reason]int64
		says             string
	}{
		{"cut inside a record", "a.json", whole[:len(whole)-700], 5, map[queue.Reason]int64{queue.ReasonUnreadableFile: 1}, "ends inside the record at byte"},
		{"cut between records", "a.json", `{"Records":[` + r[0] + `,` + r[1] + `,`, 2, map[queue.Reason]int64{queue.ReasonUnreadableFile: 1}, "ends inside a list"},
		{"cut gzip", "a.json.gz", treetest.Gzip(t, whole)[:len(treetest.Gzip(t, whole))-40], 5, map[queue.Reason]int64{queue.ReasonUnreadableFile: 1}, "unexpected EOF"},
		{"invalid gzip", "a.json.gz", "\x1f\x8bnot gzip at all", 0, map[queue.Reason]int64{queue.ReasonUnreadableFile: 1}, "gzip"},
		{"text named JSON", "a.json", "this is not JSON", 0, map[queue.Reason]int64{queue.ReasonUnreadableFile: 1}, "not JSON"},
		{"a record cut in the middle of the list", "a.json", `{"Records":[` + r[0] + `,` + r[1][:400] + `,` + r[2] + `,` + r[3] + `]}`, 3, map[queue.Reason]int64{queue.ReasonMalformedRecord: 1}, "at byte"},
		{"a line cut in NDJSON", "a.jsonl", r[0] + "\n" + r[1][:333] + "\n" + r[2] + "\n" + r[3] + "\n", 3, map[queue.Reason]int64{queue.ReasonMalformedRecord: 1}, "at byte"},
		{"a lost quote", "a.json", strings.Replace(whole, `"198.51.100.7"`, `"198.51.100.7`, 1), 5, map[queue.Reason]int64{queue.ReasonMalformedRecord: 1}, "at byte"},
		{"a bracket too many", "a.json", `{"Records":[` + r[0] + `,` + strings.Replace(r[1], `"awsRegion"`, `},"awsRegion"`, 1) + `,` + r[2] + `]}`, 2, nil, ""},
		{"a bracket too few", "a.json", `{"Records":[` + r[0] + `,` + strings.Replace(r[1], `"filterSet":{`, `"filterSet":`, 1) + `,` + r[2] + `]}`, 2, nil, ""},
		{"a wrong literal", "a.json", strings.Replace(whole, `"readOnly":true`, `"readOnly":ture`, 1), 5, map[queue.Reason]int64{queue.ReasonMalformedRecord: 1}, "not valid JSON"},
		{"elements that are not records", "a.json", `{"Records":[7,"x",null,[1],{},` + r[0] + `]}`, 1, map[queue.Reason]int64{queue.ReasonMalformedRecord: 5}, ""},
		{"no time", "a.json", strings.Replace(whole, `"eventTime":"2026-03-01T10:11:12Z"`, `"eventTime":"soon"`, 1), 5, map[queue.Reason]int64{queue.ReasonMalformedRecord: 1}, "eventTime: not a time"},
		{"another document", "a.json", `{"name":"polo"}`, 0, map[queue.Reason]int64{queue.ReasonUnknownRecord: 1}, "none of the members"},
		{"text after the end", "a.json", whole + "\nthe end", 6, map[queue.Reason]int64{queue.ReasonUnreadableFile: 1}, "not JSON at byte"},
		{"bytes that are not UTF-8", "a.json", strings.Replace(whole, `Terraform`, "Terra\xff\xfeform", 1), 6, map[queue.Reason]int64{}, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := collect(t, treetest.Folder(t, map[string]string{tc.file: tc.text, "good.json": `[` + day(50)[49] + `]`}), 2)
			if n := got.activities() - 1; n != tc.activities {
				t.Errorf("%d activities, want %d; failures %v", n, tc.activities, problems(got.Failures))
			}
			if tc.reasons != nil && !cmp.Equal(tc.reasons, got.summary.Rejected) {
				t.Errorf("rejected %v, want %v: %v", got.summary.Rejected, tc.reasons, problems(got.Failures))
			}
			if tc.reasons == nil && len(got.Failures) == 0 {
				t.Error("nothing was rejected")
			}
			if int64(len(got.Failures)+got.activities()) != got.summary.Read {
				t.Errorf("read %d, but %d activities and %d failures", got.summary.Read, got.activities(), len(got.Failures))
			}
			said := false
			for _, f := range got.Failures {
				said = said || strings.Contains(f.Err, tc.says)
				if !strings.HasPrefix(f.Err, tc.file+": ") || !strings.HasPrefix(f.Origin, tc.file+"#") || f.Unit != queue.UnitRecord || f.FirstSeen.IsZero() {
					t.Errorf("failure without its place: %+v", f)
				}
				if !strings.Contains(tc.text, string(f.Body)) && !strings.HasSuffix(tc.file, ".gz") {
					t.Errorf("the failure's body is not from the file: %.80q", f.Body)
				}
			}
			if tc.says != "" && !said {
				t.Errorf("no failure says %q: %v", tc.says, problems(got.Failures))
			}
		})
	}
}

func problems(failures []queue.Failure) []string {
	var out []string
	for _, f := range failures {
		out = append(out, string(f.Reason)+": "+f.Err)
	}
	return out
}

// TestFilesRandomDamage flips, cuts and repeats bytes: nothing panics, and all untouched records
// are read, except those beside the damage.
func TestFilesRandomDamage(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	records := day(40)
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for round := range 300 {
		text := []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
		at := 12 + random.IntN(len(text)-14)
		switch round % 3 {
		case 0:
			text[at] ^= byte(1 + random.IntN(255))
		case 1:
			text = append(text[:at:at], text[min(len(text), at+1+random.IntN(300)):]...)
		case 2:
			text = append(text[:at:at], append([]byte(`"}]{[`)[random.IntN(5):], text[at:]...)...)
		}
		var c recorder
		dir := treetest.Folder(t, map[string]string{"a.json": string(text)})
		s, err := cloudtrail.Files{Input: dir, Workers: 2, Normaliser: n, ObservedAt: observed}.Collect(t.Context(), &c)
		if err != nil {
			t.Fatal(err)
		}
		if c.activities() < len(records)-3 {
			t.Errorf("round %d: only %d of %d records came through damage at byte %d: %v", round, c.activities(), len(records), at, problems(c.Failures))
		}
		if len(c.Failures) > 4 {
			t.Errorf("round %d: damage at byte %d gives %d failures: %v", round, at, len(c.Failures), problems(c.Failures))
		}
		if s.Read != int64(c.activities()+len(c.Failures)) {
			t.Errorf("round %d: read %d, %d activities, %d failures", round, s.Read, c.activities(), len(c.Failures))
		}
	}
}

// TestFilesSkips: files of a folder that hold no records are skipped, and the summary names them.
func TestFilesSkips(t *testing.T) {
	t.Parallel()
	digest := `{"awsAccountId":"111122223333","digestStartTime":"2026-03-01T10:00:00Z","digestEndTime":"2026-03-01T11:00:00Z","digestS3Bucket":"b","digestPublicKeyFingerprint":"x","logFiles":[]}`
	got := collect(t, treetest.Folder(t, map[string]string{
		"CloudTrail/a.json.gz":        treetest.Gzip(t, `{"Records":[`+day(1)[0]+`]}`),
		"CloudTrail/none.json":        `{"Records":[]}`,
		"CloudTrail-Digest/d.json.gz": treetest.Gzip(t, digest),
		"README.md":                   "# Logs",
		"empty.json":                  "",
		"empty.json.gz":               treetest.Gzip(t, " \n"),
		"picture.png":                 "\x89PNG",
		".DS_Store":                   "x",
	}), 2)
	var names []string
	for _, s := range got.summary.Skipped {
		names = append(names, s.Name+": "+s.Why)
	}
	want := []string{
		".DS_Store: not JSON", "CloudTrail-Digest/d.json.gz: a CloudTrail digest file, which holds no records", "README.md: not JSON",
		"empty.json: empty", "empty.json.gz: empty", "picture.png: not JSON",
	}
	if d := cmp.Diff(want, names); d != "" {
		t.Errorf("skipped (-want +got):\n%s", d)
	}
	if got.summary.Files != 2 || got.summary.Read != 1 || len(got.Failures) > 0 {
		t.Errorf("%d files, %d records, failures %v", got.summary.Files, got.summary.Read, problems(got.Failures))
	}
}

// TestFilesNoInput: inputs without anything to read are errors.
func TestFilesNoInput(t *testing.T) {
	t.Parallel()
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for name, input := range map[string]string{
		"no name":        "",
		"does not exist": filepath.Join(t.TempDir(), "nowhere"),
		"empty folder":   t.TempDir(),
		"no records":     treetest.Folder(t, map[string]string{"README": "x"}),
		"one text file":  filepath.Join(treetest.Folder(t, map[string]string{"README": "x"}), "README"),
	} {
		_, err := cloudtrail.Files{Input: input, Normaliser: n, ObservedAt: observed}.Collect(t.Context(), &recorder{})
		if !errors.Is(err, cloudtrail.ErrNoInput) || !strings.Contains(err.Error(), "s3://") {
			t.Errorf("%s: error %v, want ErrNoInput that says what to give", name, err)
		}
	}
	if _, err := (cloudtrail.Files{Input: "gopher://x/y", Normaliser: n}).Collect(t.Context(), &recorder{}); err == nil {
		t.Error("an unknown scheme is no error")
	}
}

// TestFilesBucket: a bucket's prefix is read like a folder.
func TestFilesBucket(t *testing.T) {
	t.Parallel()
	b := memblob.OpenBucket(nil)
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, text := range map[string]string{
		"AWSLogs/111122223333/a.json.gz": treetest.Gzip(t, `{"Records":[`+strings.Join(day(3), ",")+`]}`),
		"AWSLogs/444455556666/b.json.gz": treetest.Gzip(t, `{"Records":[`+day(9)[8]+`]}`),
		"other/c.json":                   `[` + day(20)[19] + `]`,
	} {
		if err := b.WriteAll(t.Context(), name, []byte(text), nil); err != nil {
			t.Fatal(err)
		}
	}
	var c recorder
	progress := 0
	s, err := cloudtrail.Files{
		Bucket: b, Input: "AWSLogs/", Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{}), ObservedAt: observed,
		Progress: func(p cloudtrail.Progress) { progress = max(progress, p.Files) },
	}.Collect(t.Context(), &c)
	if err != nil || s.Read != 4 || c.activities() != 4 || progress != 2 {
		t.Errorf("error %v, read %d, %d activities, progress of %d files", err, s.Read, c.activities(), progress)
	}
}

// TestFilesBig: a file larger than any buffer is read completely, and a record above the bound is
// rejected.
func TestFilesBig(t *testing.T) {
	t.Parallel()
	records := day(3000)
	huge := call{source: "s3", name: "ListBuckets", request: `{"x":"` + strings.Repeat("y", 1<<20) + `"}`}.json()
	records[1500] = huge
	got := collect(t, treetest.Folder(t, map[string]string{"a.json": `{"Records":[` + strings.Join(records, ",") + `]}`}), 3)
	if got.summary.Read != 3000 || len(got.Failures) > 0 {
		t.Errorf("read %d, failures %v", got.summary.Read, problems(got.Failures))
	}
	endless := `{"Records":[` + records[0] + `,{"eventVersion":"` + strings.Repeat("y", 17<<20) + `"},` + records[1] + `]}`
	got = collect(t, treetest.Folder(t, map[string]string{"a.json": endless}), 3)
	if got.activities() != 2 || len(got.Failures) == 0 || len(got.Failures[0].Body) > 1<<20 {
		t.Errorf("%d activities, failures %v", got.activities(), problems(got.Failures))
	}
}

// full is an emitter that takes a few events and then fails permanently.
type full struct {
	recorder
	room atomic.Int64
}

var errFull = errors.New("no room")

func (f *full) Emit(ctx context.Context, events ...envelope.ResourceEvent) error {
	if f.room.Add(-int64(len(events))) < 0 {
		return errFull
	}
	return f.recorder.Emit(ctx, events...)
}

// TestFilesEmitterFails: a collection ends when its emitter fails or its context ends.
func TestFilesEmitterFails(t *testing.T) {
	t.Parallel()
	dir := treetest.Folder(t, map[string]string{"a.json": strings.Join(day(5000), "\n"), "b.json": strings.Join(day(5000), "\n")})
	f := cloudtrail.Files{Input: "file://" + dir, Workers: 2, Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{}), ObservedAt: observed}
	var few full
	few.room.Store(10)
	if _, err := f.Collect(t.Context(), &few); !errors.Is(err, errFull) {
		t.Errorf("error %v, want the emitter's", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Collect(ctx, &recorder{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}
