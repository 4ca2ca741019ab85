package exchange_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/producers/exchange"
	"polo/producers/tree/treetest"
)

// told is an exchange as text: method, URL, status, time, body, what was sent.
func told(e exchange.Exchange) string {
	url, at := "-", "-"
	if e.URL != nil {
		url = e.URL.String()
	}
	if !e.At.IsZero() {
		at = e.At.Format("01-02T15:04")
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %d %s %s %s", e.Method, url, e.Status, at, e.Body, e.RequestBody))
}

const aDate = "Sun, 01 Mar 2026 10:00:00 GMT"

func TestEveryFormIsRead(t *testing.T) {
	t.Parallel()
	packed := treetest.Gzip(t, `{"a":1}`)
	in64 := base64.StdEncoding.EncodeToString([]byte(packed))
	inHex := hex.EncodeToString([]byte(packed))
	for name, tc := range map[string]struct {
		file string
		want []string
	}{
		"go-vcr's list": {
			`[{"request":{"method":"get","url":"https://API.example.com:443/v4/zones?page=1","body":"","headers":{}},"response":{"status":"200 OK","code":200,"headers":{"Date":["` + aDate + `"]},"body":"{\"a\":1}"}}]`,
			[]string{`GET https://api.example.com/v4/zones?page=1 200 03-01T10:00 {"a":1}`},
		},
		"status alone, and a time beside": {
			`{"request":{"uri":"https://x.test/a"},"response":{"status":"404 Not Found","body":null},"recorded_at":"2026-03-02T09:00:00+01:00"}`,
			[]string{`GET https://x.test/a 404 03-02T08:00`},
		},
		"go-vcr's cassette": {
			`{"version":2,"interactions":[{"id":0,"request":{"method":"POST","url":"https://x.test/graphql","body":"{\"query\":\"{a}\"}"},"response":{"code":200,"body":"{\"a\":1}"}}]}`,
			[]string{`POST https://x.test/graphql 200 - {"a":1} {"query":"{a}"}`},
		},
		"VCR's cassette": {
			`{"http_interactions":[{"request":{"method":"get","uri":"https://x.test/a","body":{"encoding":"UTF-8","string":""}},"response":{"status":{"code":200,"message":"OK"},"headers":{"Date":["` + aDate +
				`"]},"body":{"encoding":"UTF-8","string":"{\"a\":1}"}},"recorded_at":"Sun, 01 Mar 2026 11:00:00 GMT"},` +
				`{"request":{"method":"get","uri":"https://x.test/b"},"response":{"status":{"code":200},"body":{"base64_string":"` + in64 + `"}},"recorded_at":"Sun, 01 Mar 2026 11:00:00 GMT"}],"recorded_with":"VCR 2.0.0"}`,
			[]string{`GET https://x.test/a 200 03-01T10:00 {"a":1}`, `GET https://x.test/b 200 03-01T11:00 {"a":1}`},
		},
		"nock's list": {
			`[{"scope":"https://x.test:443","method":"GET","path":"/a?b=1","body":"","status":200,"response":{"a":1},"rawHeaders":["Date","` + aDate + `","X","y"]},` +
				`{"scope":"https://x.test:443","method":"DELETE","path":"/a","body":"","status":204,"response":"","responseIsBinary":false},` +
				`{"scope":"https://x.test:443","method":"POST","path":"/a","body":{"b":1},"status":200,"response":["` + inHex[:20] + `","` + inHex[20:] + `"],"rawHeaders":{"date":"` + aDate + `"}},` +
				`{"scope":"https://x.test:443","method":"GET","path":"/list","status":200,"response":[{"a":1}],"rawHeaders":[["Date","` + aDate + `"]]}]`,
			[]string{`GET https://x.test/a?b=1 200 03-01T10:00 {"a":1}`, `DELETE https://x.test/a 204 -`, `POST https://x.test/a 200 03-01T10:00 {"a":1} {"b":1}`, `GET https://x.test/list 200 03-01T10:00 [{"a":1}]`},
		},
		"binary answers": {
			`[{"scope":"https://x.test","method":"GET","path":"/a","status":200,"response":"` + in64 + `"},{"scope":"https://x.test","method":"GET","path":"/b","status":200,"response":"` + inHex + `"},` +
				`{"scope":"https://x.test","method":"GET","path":"/c","status":200,"responseIsBinary":true,"response":"` + hex.EncodeToString([]byte(`{"a":1}`)) + `"}]`,
			[]string{`GET https://x.test/a 200 - {"a":1}`, `GET https://x.test/b 200 - {"a":1}`, `GET https://x.test/c 200 - {"a":1}`},
		},
		"HAR": {
			`{"log":{"version":"1.2","entries":[{"startedDateTime":"2026-03-01T10:00:00.5Z","request":{"method":"GET","url":"https://x.test/a","headers":[]},"response":{"status":200,"headers":[],"content":{"size":7,"mimeType":"application/json","text":"{\"a\":1}"}}},` +
				`{"startedDateTime":"2026-03-01T10:01:00Z","request":{"method":"GET","url":"https://x.test/b"},"response":{"status":200,"content":{"mimeType":"application/json","encoding":"base64","text":"eyJhIjoxfQ=="}}},` +
				`{"startedDateTime":"2026-03-01T10:02:00Z","request":{"method":"GET","url":"https://x.test/c"},"response":{"status":0,"content":{"size":0,"mimeType":"x-unknown"}}}]}}`,
			[]string{`GET https://x.test/a 200 03-01T10:00 {"a":1}`, `GET https://x.test/b 200 03-01T10:01 {"a":1}`, `GET https://x.test/c 0 03-01T10:02`},
		},
		"JSON lines": {
			"{\"request\":{\"url\":\"https://x.test/a\"},\"response\":{\"status\":200,\"body\":\"[]\"}}\n\n{\"request\":{\"url\":\"https://x.test/b\"},\"response\":null}\n",
			[]string{`GET https://x.test/a 200 - []`, `GET https://x.test/b 0 -`},
		},
		"deliveries": {
			`{"headers":{"X-GitHub-Event":"push","Date":"` + aDate + `"},"payload":{"ref":"x"}}` + "\n" + `{"headers":{"x-github-event":"push"},"body":"{\"ref\":\"y\"}"}` + "\n" + `{"headers":{},"body":"payload=%7B%22ref%22%3A%22z%22%7D"}` + "\n" +
				`{"id":1,"event":"push","delivered_at":"2026-03-01T10:00:00Z","request":{"headers":{"X-GitHub-Event":"push"},"payload":{"ref":"w"}},"response":{"headers":{},"payload":"ok"}}`,
			[]string{`- 200 03-01T10:00 {"ref":"x"}`, `- 200 - {"ref":"y"}`, `- 200 - {"ref":"z"}`, `- 200 03-01T10:00 {"ref":"w"}`},
		},
		"bare":                   {"\ufeff{\"result\":[]}", []string{`- 200 - {"result":[]}`}},
		"a bare list":            {`[{"id":1},{"id":2}]`, []string{`- 200 - [{"id":1},{"id":2}]`}},
		"an answer that is HTML": {`{"request":{"url":"https://x.test/"},"response":{"status":502,"body":"<html>"}}`, []string{`GET https://x.test/ 502 - "\u003chtml\u003e"`}},
		"an answer with a member text": {
			`{"request":{"url":"https://x.test/"},"response":{"status":200,"body":{"text":"x","id":1}}}`, []string{`GET https://x.test/ 200 - {"text":"x","id":1}`},
		},
	} {
		all, err := exchange.Parse([]byte(tc.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, e := range all {
			got = append(got, told(e))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A part that is no exchange leaves the others; a file that is no JSON leaves nothing, and the error says where.
func TestFaultsSayWhere(t *testing.T) {
	t.Parallel()
	const good = `{"request":{"method":"GET","url":"https://x.test/a"},"response":{"code":200,"body":"{}"}}`
	for name, tc := range map[string]struct {
		file  string
		whole int
		says  string
	}{
		"cut":                 {`[` + good + `,` + good[:40], 0, "ends in the middle, after"},
		"no JSON":             {"[\n" + good + ",\n" + `{"a":nope}]`, 0, "line 3 is no JSON"},
		"a bad line":          {good + "\n" + good + "\n" + `{"a":nope}`, 0, "line 3 is no JSON"},
		"empty":               {" \n", 0, "it is empty"},
		"a bare value":        {`12`, 0, "a bare value"},
		"one is a number":     {`[` + good + `,7,` + good + `]`, 2, "/1: no request with its answer"},
		"one is another":      {`{"interactions":[` + good + `,{"a":1}]}`, 1, "/interactions/1: no request"},
		"no URL":              {`[` + good + `,` + strings.Replace(good, "https://x", "https://%zzs3cr3t", 1) + `]`, 1, "/1/request/url: no URL"},
		"no status":           {`{"log":{"entries":[` + strings.Replace(good, "200", `"fine"`, 1) + `]}}`, 0, "/log/entries/0/response/status: no status"},
		"gzip that is broken": {strings.Replace(good, `"{}"`, `"H4sIAAAAAAAA/6tWSlSyMqwFAA=="`, 1), 0, "/response/body: gzip"},
		"the second line":     {good + "\n" + strings.Replace(good, "200", "9", 1), 1, "value 2/response/status"},
		"a list of lists":     {`{"request":{"url":"https://x.test"},"response":[1]}`, 0, "/response: not an object"},
		"nock without path":   {`[{"scope":"https://x.test","method":"GET","path":"/a","status":true,"response":{}}]`, 0, "/0/status"},
	} {
		all, err := exchange.Parse([]byte(tc.file))
		if err == nil || !strings.Contains(err.Error(), tc.says) || len(all) != tc.whole || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %d exchanges, %v; want %d, %q", name, len(all), err, tc.whole, tc.says)
		}
		var fault *exchange.Fault
		if !errors.As(err, &fault) {
			t.Errorf("%s: %T is no fault", name, err)
		}
	}
	if _, err := exchange.Parse([]byte(strings.Repeat("{}\n", 100_001))); err == nil || !strings.Contains(err.Error(), "100000") {
		t.Errorf("very many: %v", err)
	}
	if _, err := exchange.Parse([]byte(strings.Repeat("[", 20_000))); err == nil {
		t.Error("very deep: no error")
	}
}

// What authenticates, or identifies who asked, is in no exchange, in whatever form it is recorded.
func TestNoCredentialIsKept(t *testing.T) {
	t.Parallel()
	const headers = `{"Authorization":["Bearer s3cr3t"],"Cookie":["a=s3cr3t"],"X-Auth-Key":"s3cr3t","DD-API-KEY":["s3cr3t"],"X-Whatever":"s3cr3t"}`
	const flat = `["Authorization","s3cr3t","Set-Cookie","a=s3cr3t","Location","https://x.test/?sig=s3cr3t","X-GitHub-OTP","s3cr3t","X-GitHub-SSO","required s3cr3t; url=https://x.test/sso?authorization_request=s3cr3t","Link","<https://u:s3cr3t@x.test/b?access_token=s3cr3t&page=2>; rel=\"next\"","Etag","kept"]`
	const pairs = `[{"name":"Authorization","value":"s3cr3t"},{"name":"Cookie","value":"s3cr3t"}]`
	const address = `https://user:s3cr3t@x.test/a?api_key=s3cr3t&application_key=s3cr3t&auth=s3cr3t&bearer=s3cr3t&code=s3cr3t&key=s3cr3t&session_id=s3cr3t&X-Api-Key=s3cr3t&refresh_token=s3cr3t&page=1&X-Amz-Signature=s3cr3t&page_token=kept#s3cr3t`
	for name, file := range map[string]string{
		"go-vcr":   `{"request":{"method":"POST","url":"` + address + `","headers":` + headers + `,"body":"{\"client_secret\":\"s3cr3t\"}"},"response":{"code":200,"headers":` + flat + `,"body":"{}"}}`,
		"HAR":      `{"log":{"entries":[{"request":{"method":"GET","url":"` + address + `","headers":` + pairs + `,"cookies":` + pairs + `},"response":{"status":200,"headers":` + pairs + `,"cookies":` + pairs + `,"content":{"text":"{}"}}}]}}`,
		"nock":     `[{"scope":"https://user:s3cr3t@x.test","method":"GET","path":"/a?access_token=s3cr3t","reqheaders":` + headers + `,"status":200,"response":{},"rawHeaders":` + flat + `}]`,
		"delivery": `{"headers":` + strings.Replace(headers, "X-Whatever", "X-Hub-Signature-256", 1) + `,"payload":{}}`,
	} {
		all, err := exchange.Parse([]byte(file))
		if err != nil || len(all) != 1 {
			t.Fatalf("%s: %d exchanges, %v", name, len(all), err)
		}
		e := all[0]
		if text := told(e) + fmt.Sprint(e.Header); strings.Contains(strings.Replace(text, "https://u:s3cr3t@", "", 1), "s3cr3t") {
			t.Errorf("%s: %s", name, text)
		}
		if name == "go-vcr" && (e.URL.Query().Get("page_token") != "kept" || e.Header.Get("ETag") != "kept" || !strings.Contains(e.Header.Get("Link"), "page=2")) {
			t.Errorf("%s lacks what pages: %s %v", name, e.URL, e.Header)
		}
	}
}

func TestTimesOfTheRecorder(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for at, want := range map[string]time.Time{
		`"2026-03-01T10:00:00Z"`: want, `"2026-03-01T11:00:00.000+01:00"`: want, `1772359200`: want, `1772359200000`: want, `"` + aDate + `"`: want, `"2026-03-01 10:00:00"`: want,
		`"yesterday"`: {}, `-1`: {}, `1e300`: {}, `"0001-01-01T00:00:00Z"`: {}, `"9999-01-01T00:00:00Z"`: {}, `{}`: {},
	} {
		all, err := exchange.Parse([]byte(`{"recorded_at":` + at + `,"interactions":[{"request":{"url":"https://x.test"},"response":{"code":200}}]}`))
		if err != nil || len(all) != 1 || !all[0].At.Equal(want) {
			t.Errorf("%s: %v, %v", at, all, err)
		}
	}
}
