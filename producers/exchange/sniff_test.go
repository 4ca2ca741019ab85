package exchange_test

import (
	"encoding/json"
	"strings"
	"testing"

	"polo/producers/exchange"
)

// things returns a reader of the answers {"things": ...}.
func things() []exchange.Reader {
	return []exchange.Reader{{Knows: func(e *exchange.Exchange) bool {
		var members struct{ Things *json.RawMessage }
		return e.URL == nil && json.Unmarshal(e.Body, &members) == nil && members.Things != nil
	}}}
}

// A file is known by its beginning, cut anywhere.
func TestSniff(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100<<10)
	for name, file := range map[string]string{
		"go-vcr":   `[{"request":{"method":"GET","url":"https://x.test/"},"response":{"code":200,"body":"` + long + `"}}]`,
		"sent":     `{"request":{"method":"POST","url":"https://x.test/","body":"` + long + `"},"response":{"code":200}}`,
		"nock":     "\ufeff \n" + `[{"scope":"https://x.test","method":"GET","path":"/","status":200,"response":"` + long + `"}]`,
		"cassette": `{"version":1,"interactions":[{"request":{"body":null,"method":"GET","uri":"https://x.test"},"response":{"body":{"string":"` + long + `"}}}]}`,
		"VCR":      `{"http_interactions":[{"request":{"method":"get","uri":"https://x.test"},"response":{}}]}`,
		"HAR":      `{"log":{"version":"1.2","creator":{"name":"x"},"pages":[],"entries":[{"startedDateTime":"x","request":{"method":"GET","url":"https://x.test"},"response":{"status":200}}]}}`,
		"lines":    `{"request":{"method":"GET","url":"https://x.test/"},"response":{"code":200}}` + "\n" + `{"request":`,
	} {
		if !exchange.Sniff([]byte(file)) || !exchange.Sniff([]byte(file)[:min(len(file), 64<<10)]) {
			t.Errorf("%s is not known", name)
		}
	}
	for name, file := range map[string]string{
		"empty": "", "text": "request", "bare": `{"result":[],"success":true}`, "a log of requests": `{"method":"GET","path":"/","status":200}`, "a list of them": `[{"method":"GET","url":"https://x.test/","status":200,"body":"x"}]`,
		"a trail": `{"Records":[{"eventVersion":"1.08","requestParameters":{"method":"GET"},"responseElements":null}]}`, "package.json": `{"name":"x","request":"^2.0.0","method":1}`,
		"interactions of another kind": `{"interactions":[{"drug":"x"}]}`, "entries": `{"log":[],"entries":[1]}`, "a rule": `{"Statement":[{"request":{"url":"https://x.test"}}]}`,
	} {
		if exchange.Sniff([]byte(file)) {
			t.Errorf("%s is taken for exchanges", name)
		}
	}
}

// Bare answers and deliveries are known by what the readers know, also of a cut file.
func TestKnown(t *testing.T) {
	t.Parallel()
	readers := things()
	for name, file := range map[string]string{
		"whole": `{"things":[]}`, "cut in an item": `{"things":[{"name":"x`, "cut after it": `{"things":[{"name":"x"},`, "cut in a name": `{"things":[],"na`, "cut in an escape": `{"things":[{"a":"\u12`, "after a backslash": `{"things":[{"a":"\`,
		"in a number": `{"a":1,"things":[12`, "a delivery": `{"headers":{"X-GitHub-Event":"x"},"payload":{"things":[{`, "a list": `[{"things":[]},{"thin`, "lines": `{"things":[]}` + "\n" + `{"other":1}`,
		"a later line": "\ufeff{\"other\":1}\r\n[]\n" + `{"things":[]}`, "a later line, cut": `{"other":1} {"things":[{"a":"b`, "a later delivery": `{"headers":{},"body":{"zen":1}}` + "\n" + `{"headers":{},"body":{"things":[]}}`,
	} {
		if !exchange.Known([]byte(file), readers) {
			t.Errorf("%s is not known", name)
		}
	}
	for _, file := range []string{"", "things", `{"other":[]}`, `{"a":{"things":[]}}`, `[`, `{"things"`, `{]`, `{"a":"things`, `{"other":1}` + "\nno JSON\n" + `{"things":[]}`, `{"other":1} {"more":{"things":[{"a`} {
		if exchange.Known([]byte(file), readers) {
			t.Errorf("%s is known", file)
		}
	}
}

func FuzzExchanges(f *testing.F) {
	for _, seed := range []string{
		`[{"request":{"method":"GET","url":"https://x.test/a"},"response":{"code":200,"headers":{"Date":["x"]},"body":"{}"}}]`, `[{"scope":"https://x.test:443","method":"GET","path":"/a","status":200,"response":["1f8b08"],"rawHeaders":["Date","x"]}]`,
		`{"log":{"entries":[{"request":{"method":"GET","url":"https://x.test"},"response":{"status":200,"content":{"text":"e30=","encoding":"base64"}}}]}}`, `{"headers":[["Date","x"]],"body":"payload=%7B%7D"}`, "{\"things\":[{\"a\":\"\\ud8", `{"http_interactions":[7]}`,
	} {
		f.Add([]byte(seed))
	}
	readers := things()
	f.Fuzz(func(t *testing.T, data []byte) {
		exchange.Sniff(data)
		exchange.Known(data, readers)
		all, _ := exchange.Parse(data)
		for i := range all {
			exchange.Call(&all[i])
			if all[i].Header == nil || all[i].Method != "" && all[i].URL == nil {
				t.Errorf("%+v", all[i])
			}
		}
	})
}
