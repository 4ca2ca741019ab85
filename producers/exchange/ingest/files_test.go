package ingest_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/emittertest"
	"polo/producers/exchange"
	"polo/producers/exchange/ingest"
	"polo/producers/tree"
	"polo/producers/tree/treetest"
)

// thing is an item of a small platform, whose answers are {"things": [...]}, whole without "next".
type thing struct {
	Name string
	Bad  bool
}

// things reads that platform, of the host things.test. seen, if set, gets what New is given.
func things(seen func([]exchange.Exchange)) exchange.Reader {
	return exchange.Reader{
		Knows: func(e *exchange.Exchange) bool {
			if e.URL != nil {
				return e.URL.Host == "things.test"
			}
			var members struct{ Things *[]json.RawMessage }
			return json.Unmarshal(e.Body, &members) == nil && members.Things != nil
		},
		New: func(all []exchange.Exchange, left func(exchange.Left)) producers.Collector {
			if seen != nil {
				seen(all)
			}
			return &thingCollector{all, left}
		},
	}
}

type thingCollector struct {
	all  []exchange.Exchange
	left func(exchange.Left)
}

func (*thingCollector) Source() string { return "github.things" }

func (*thingCollector) Scopes([]account.Account, []string) []producers.Scope {
	return []producers.Scope{{Account: account.Account{ID: "acme"}}}
}

func (c *thingCollector) Collect(ctx context.Context, s *producers.Scan) error {
	whole := false
	for _, e := range c.all {
		if e.Status >= 400 {
			c.left(exchange.Left{Why: exchange.WhyError, Call: exchange.Call(&e), Count: 1})
			continue
		}
		if e.Body == nil {
			continue
		}
		var answer struct {
			Things []thing
			Next   bool
		}
		if err := json.Unmarshal(e.Body, &answer); err != nil {
			if err := s.Reject(ctx, "github:repo", queue.Failure{Reason: queue.ReasonMalformedRecord, Err: "no things", Body: e.Body, Origin: "/things"}); err != nil {
				return err
			}
			continue
		}
		for _, th := range answer.Things {
			arn := "github:acme/" + th.Name
			ev := envelope.ResourceEvent{
				EventID: envelope.NewEventID("github.things", s.At, th.Name), EventType: envelope.TypeSnapshot, TS: s.At, ARN: arn, ResourceType: "github:repo", ResourceName: th.Name,
			}
			if th.Bad {
				ev.ARN = "none"
			}
			if err := s.Emit(ctx, ev); err != nil {
				return err
			}
		}
		whole = whole || !answer.Next && e.Body != nil
	}
	switch {
	case whole:
		s.Completed("github:repo")
	case len(c.all) > 0 && c.all[0].Status < 400 && c.all[0].Body != nil:
		s.Gap(ctx, "github:repo", errors.New("the list is not whole"))
	}
	return nil
}

func answer(path, date string, status int, body string) string {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"request":{"method":"GET","url":"https://things.test%s"},"response":{"code":%d,"headers":{"Date":[%q]},"body":%s}}`, path, status, date, encoded)
}

const aDate = "Sun, 01 Mar 2026 10:00:00 GMT"

var observed = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func collect(t *testing.T, files map[string]string, change ...func(*ingest.Files)) (*emittertest.Recorder, ingest.Summary) {
	t.Helper()
	in, err := tree.Open(t.Context(), treetest.Folder(t, files))
	if err != nil {
		t.Fatal(err)
	}
	rec := &emittertest.Recorder{}
	f := ingest.Files{Tree: in, Names: slices.Sorted(maps.Keys(files)), Readers: []exchange.Reader{things(nil)}, ObservedAt: observed, Identity: producers.DefaultIdentity()}
	for _, c := range change {
		c(&f)
	}
	sum, err := f.Collect(t.Context(), rec)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range rec.Events {
		if err := e.Validate(); err != nil {
			t.Errorf("%+v: %v", e, err)
		}
	}
	return rec, sum
}

// outcomes are the events as text.
func outcomes(rec *emittertest.Recorder) (all []string) {
	for _, e := range rec.Events {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", e.EventType, e.TS.Format(time.DateTime), e.ResourceName, e.State)))
	}
	return all
}

func lefts(sum ingest.Summary) map[string]int {
	all := map[string]int{}
	for _, l := range sum.Left {
		all[strings.TrimSpace(l.Why+": "+l.Call)] = l.Count
		if l.Example == "" {
			all["without an example"]++
		}
	}
	return all
}

// A file's exchanges go to who knows them, in their order, and have the time of the recording: two runs in one
// file are two. What nothing reads is counted by call.
func TestFilesAreCollected(t *testing.T) {
	t.Parallel()
	const monday, later, tuesday = "Mon, 02 Mar 2026 10:00:00 GMT", "Mon, 02 Mar 2026 10:10:00 GMT", "Tue, 03 Mar 2026 10:00:00 GMT"
	files := map[string]string{
		"all.json": `[` + strings.Join([]string{
			answer("/a?page=2", later, 200, `{"things":[{"name":"b"}]}`), answer("/a?page=1", monday, 200, `{"things":[{"name":"a"}],"next":true}`), answer("/b/17", monday, 404, `{}`),
			`{"request":{"method":"GET","url":"https://other.test/users/ada/likes"},"response":{"code":200,"body":"{}"}}`, `{"request":{"method":"GET","url":"https://other.test/users/bob/likes"},"response":{"code":200,"body":"{}"}}`,
			`{"request":{"method":"GET","url":"https://other.test/users/bob"},"response":{"code":403}}`, `{"request":{"method":"GET","url":"https://things.test/a"},"response":null}`,
			answer("/a", tuesday, 200, `{"things":[{"name":"a"}],"next":true}`), answer("/c", tuesday, 200, ``),
		}, ",") + `]`,
		"quiet.json": `[` + answer("/c", tuesday, 200, ``) + `]`,
	}
	rec, sum := collect(t, files)
	want := []string{
		"resource.snapshot 2026-03-02 10:00:00 b", "resource.snapshot 2026-03-02 10:00:00 a", "scan.completed 2026-03-02 10:00:00",
		"resource.snapshot 2026-03-03 10:00:00 a", "scan.incomplete 2026-03-03 10:00:00  failed",
	}
	if diff := cmp.Diff(want, outcomes(rec)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	wantLeft := map[string]int{
		"the answer is an error: GET things.test/b/*": 1, "nothing reads this call: GET other.test/users/*/likes": 2, "the answer is an error: GET other.test/users/* 403": 1,
		"no answer was recorded: GET things.test/a": 1, "not read to its end (failed): github.things github:repo": 1, "nothing in the answer is an event: GET things.test/c": 1,
	}
	if diff := cmp.Diff(wantLeft, lefts(sum)); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if sum.Files != 2 || sum.Exchanges != 10 || sum.Events != 5 || sum.Undated != 0 || len(sum.Rejected) != 0 {
		t.Errorf("%+v", sum)
	}
	// A completion comes after a flush of all that it covers.
	for i, e := range rec.Events {
		if e.EventType == envelope.TypeScanCompleted && !slices.Contains(rec.Flushed, i) {
			t.Errorf("the completion %d is not after a flush: %v", i, rec.Flushed)
		}
	}
	again, _ := collect(t, files, func(f *ingest.Files) { f.ObservedAt = observed.Add(time.Hour) })
	if diff := cmp.Diff(rec.Events, again.Events); diff != "" {
		t.Errorf("another time gives other events:\n%s", diff)
	}
	for _, e := range rec.Events {
		if d := e.ObservedAt.Sub(e.TS); d < 0 || d >= time.Second {
			t.Errorf("observed %v after the answer", d)
		}
	}
}

// Exchanges without a time have --at, else the year 2000, which is counted.
func TestUndatedExchanges(t *testing.T) {
	t.Parallel()
	files := map[string]string{"bare.json": `{"things":[{"name":"a"}]}`, "list.json": `[{"things":[{"name":"b"}]},{"other":1}]`}
	rec, sum := collect(t, files)
	if got := rec.Events[0]; got.TS.Year() != 2000 || sum.Undated != 2 {
		t.Errorf("%v, %d undated", got.TS, sum.Undated)
	}
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	rec, sum = collect(t, files, func(f *ingest.Files) { f.At = at })
	if got := rec.Events[0]; !got.TS.Equal(at) || sum.Undated != 0 || lefts(sum)["nothing reads this call: an answer or payload without its request"] != 1 {
		t.Errorf("%v, %+v", got.TS, sum)
	}
}

// Of two files of one second the one with the greater number in its name counts.
func TestFilesOfOneSecond(t *testing.T) {
	t.Parallel()
	file := `[` + answer("/a", "Mon, 02 Mar 2026 10:00:00 GMT", 200, `{"things":[{"name":"a"}]}`) + `]`
	first, _ := collect(t, map[string]string{"x_1.json": file})
	second, _ := collect(t, map[string]string{"x_2.json.gz": treetest.Gzip(t, file)})
	if a, b := first.Events[0], second.Events[0]; a.EventID != b.EventID || !a.ObservedAt.Before(b.ObservedAt) {
		t.Errorf("%v and %v", a.ObservedAt, b.ObservedAt)
	}
}

// What cannot be read is a failure each, says where, and is not completed; no secret beside it gets into a letter, in
// whatever form it is damaged.
func TestFailuresHoldNoSecret(t *testing.T) {
	t.Parallel()
	const vault = `"headers":{"Vault":["s3cr3t"],"Cookie":["a=s3cr3t; \"b"],"Dd-Application-Key":["s3cr3t"]}`
	request := `{"request":{"method":"GET","url":"https://things.test/a?application_key=s3cr3t",` + vault + `},"response":{"code":"no","headers":{"Set-Cookie":["s3cr3t"]},"body":"{\"password\":\"s3cr3t\"}"}}`
	nock := `{"scope":"https://things.test","method":"GET","path":"/a","reqheaders":{"authorization":"s3cr3t"},"rawHeaders":["Set-Cookie","a=s3cr3t","Vault","s3cr3t"],"status":"no","response":{}}`
	zipped := treetest.Gzip(t, `{"password":"s3cr3t"}`)
	packed := base64.StdEncoding.EncodeToString([]byte(`{"message":"a long answer","password":"s3cr3t and more","n":[1,2,3,4,5,6,7,8,9]}`))
	damaged := func(body string) string {
		return `{"request":{"method":"GET","url":"https://things.test/a"},"response":{"code":"no","body":` + body + `}}`
	}
	files := map[string]string{
		"item.json": `[` + request + `,` + nock + `]`,
		"cut.json":  `[` + request + `,` + nock[:strings.Index(nock, `"status"`)-20], "cut2.json": `[` + nock + `,` + request[:strings.Index(request, `"Vault`)+20],
		// Where the damage hides that they are headers, their names tell.
		"torn.json":     strings.Replace(strings.Replace(request, "Vault", "X-Vault", 1), `"headers":{`, `"heade:{`, 1),
		"line.json":     strings.Replace(strings.Replace(nock, "Vault", "X-Vault", 1), `"rawHeaders":[`, `"rawHead":x[`, 1),
		"rejected.json": `[` + answer("/a", aDate, 200, `{"things":"password=s3cr3t"}`) + `]`,
		"invalid.json":  `[` + answer("/a", aDate, 200, `{"things":[{"name":"token=s3cr3t","bad":true}]}`) + `]`,
		// What is packed is no text to any other redaction.
		"packed.json": `[` + damaged(`{"base64_string":"`+packed+`"}`) + `,` + damaged(`{"text":"\n`+packed[:60]+`\n`+packed[60:]+`","encoding":"base64"}`) + `,` + damaged(`["`+hex.EncodeToString([]byte(zipped))+`"]`) + `,` +
			damaged(`"`+base64.StdEncoding.EncodeToString([]byte(zipped))+`"`) + `,` + damaged(`"payload=%7B%22password%22%3A%22s3cr3t%22%7D"`) + `]`,
		"packedcut.json": `[{"body":"` + packed[:len(packed)-3],
		"empty.json":     "", "broken.json": "\x1f\x8b\x08garbage",
	}
	rec, sum := collect(t, files)
	got := map[string]queue.Reason{}
	for _, f := range rec.Failures {
		f = f.WithoutSecrets() // as a publisher does
		got[f.Origin] = f.Reason
		if text := f.Err + f.Origin + string(f.Body); strings.Contains(text, "s3cr3t") {
			t.Errorf("a secret is in the letter of %s: %s", f.Origin, text)
		}
		for _, packed := range []string{"InBhc3N3b3JkIjoi", packed[60:76], "1f8b0", "H4sI", "%22s3cr3t"} {
			if strings.Contains(string(f.Body), packed) {
				t.Errorf("%q is in the letter of %s: %s", packed, f.Origin, f.Body)
			}
		}
		if len(f.Body) == 0 || f.Err == "" || f.FirstSeen.IsZero() && f.Reason != queue.ReasonMalformedRecord {
			t.Errorf("%+v", f)
		}
	}
	want := map[string]queue.Reason{
		"item.json#/0/response/status": queue.ReasonMalformedRecord, "item.json#/1/status": queue.ReasonMalformedRecord, "cut.json": queue.ReasonUnreadableFile, "cut2.json": queue.ReasonUnreadableFile, "torn.json": queue.ReasonUnreadableFile,
		"line.json": queue.ReasonUnreadableFile, "rejected.json#/things": queue.ReasonMalformedRecord, "invalid.json": queue.ReasonInvalidEvent, "packedcut.json": queue.ReasonUnreadableFile, "empty.json": queue.ReasonUnreadableFile, "broken.json": queue.ReasonUnreadableFile,
	}
	for i := range 5 {
		want[fmt.Sprintf("packed.json#/%d/response/status", i)] = queue.ReasonMalformedRecord
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	if n := len(rec.Of(envelope.TypeScanCompleted)); n != 0 || sum.Rejected[queue.ReasonUnreadableFile] != 7 {
		t.Errorf("%d completions, %v", n, sum.Rejected)
	}
}

// Very many failures of a file are one letter.
func TestManyFailuresAreOneLetter(t *testing.T) {
	t.Parallel()
	good := answer("/a", aDate, 200, `{"things":[{"name":"a"}]}`)
	rec, sum := collect(t, map[string]string{"many.json": `[` + good + strings.Repeat(`,{"Authorization":"s3cr3t"}`, 150) + `]`})
	if len(rec.Failures) != 1 || rec.Failures[0].Reason != queue.ReasonManyBadRecords || sum.Rejected[queue.ReasonMalformedRecord] != 150 || strings.Contains(string(rec.Failures[0].Body), "s3cr3t") {
		t.Errorf("%d letters, %v", len(rec.Failures), sum.Rejected)
	}
	if len(rec.Of(envelope.TypeSnapshot)) != 1 {
		t.Error("the good one is lost")
	}
}
