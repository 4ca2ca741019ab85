package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"polo/producers/recording"
)

// maxExchanges bounds the exchanges of a file.
const maxExchanges = 100_000

// maxValues bounds the JSON values of a file's answers, each of which takes some hundred bytes
// of memory in what reads it.
const maxValues = 1_000_000

// Parse returns the exchanges of a file, in order. The file is JSON or JSON lines of
//
//   - exchanges, alone or in a list: {"request": {"method", "url", ...}, "response": {...}}, or
//     {"scope", "method", "path", "status", "response", "rawHeaders"} as nock records them;
//   - cassettes: {"interactions": [...]}, {"http_interactions": [...]}, {"log": {"entries": [...]}};
//   - deliveries of webhooks: {"headers": {...}, "payload": ...}, "body" for "payload";
//   - anything else, which is a bare answer or a payload: it has no method, no URL and status 200.
//
// Status is 0 where no answer was recorded. The error joins a *Fault for each part that is no
// exchange, which leaves the others, or is one for the whole file, which leaves none.
func Parse(data []byte) ([]Exchange, error) {
	var p parser
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if recording.Values(data) > maxValues {
		return nil, &Fault{Why: fmt.Sprintf("more than %d values; give them in several files", maxValues)}
	}
	in := json.NewDecoder(bytes.NewReader(data))
	for n := 1; ; n++ {
		var value json.RawMessage
		err := in.Decode(&value)
		switch {
		case errors.Is(err, io.EOF) && n > 1:
			return p.all, errors.Join(p.faults...)
		case err != nil:
			return nil, &Fault{Why: whyBroken(data, in.InputOffset(), err)}
		}
		path := ""
		if n > 1 {
			path = fmt.Sprintf("value %d", n)
		}
		if p.value(path, value); p.tooMuch != "" {
			return nil, &Fault{Why: p.tooMuch + "; give them in several files"}
		}
	}
}

// whyBroken says what is wrong with a JSON text, and in which line.
func whyBroken(data []byte, offset int64, err error) string {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return "it is empty"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("its JSON ends in the middle, after %d bytes", len(data))
	case errors.As(err, &syntax):
		offset = max(offset, syntax.Offset)
	}
	offset = min(max(offset, 0), int64(len(data)))
	return fmt.Sprintf("line %d is no JSON: %v", 1+bytes.Count(data[:offset], []byte("\n")), err)
}

// parser collects the exchanges of a file.
type parser struct {
	all    []Exchange
	faults []error
	// values and bytes are those of the answers. tooMuch says what of the file is beyond its bound.
	values, bytes int
	tooMuch       string
}

func (p *parser) fault(path string, text []byte, why string) {
	p.faults = append(p.faults, &Fault{Path: path, Text: text, Why: why})
	p.count()
}

// count holds what was read to the bounds of a file.
func (p *parser) count() {
	switch {
	case len(p.all)+len(p.faults) > maxExchanges:
		p.tooMuch = fmt.Sprintf("more than %d exchanges", maxExchanges)
	case p.values > maxValues:
		p.tooMuch = fmt.Sprintf("more than %d values in its answers", maxValues)
	case p.bytes > maxAnswer:
		p.tooMuch = fmt.Sprintf("answers of more than %d bytes", maxAnswer)
	}
}

// value reads a whole value of the file.
func (p *parser) value(path string, text json.RawMessage) {
	if items := list(text); items != nil {
		// One bad item does not make a list of exchanges a bare list.
		if slices.ContainsFunc(items[:min(len(items), 10)], func(item json.RawMessage) bool { return shapeOf(asObject(item)) != bare }) {
			p.items(path, items, time.Time{})
			return
		}
	}
	o := asObject(text)
	if at, items := cassette(o); items != nil {
		p.items(path+at, items, timeOf(o, nil))
		return
	}
	if o == nil && !begins(text, '[') && !begins(text, '{') {
		p.fault(path, text, "a bare value is neither an exchange nor an answer")
		return
	}
	p.item(path, text, o, time.Time{})
}

// cassette returns the exchanges of a recorder's document, and where they are in it.
func cassette(o object) (path string, items []json.RawMessage) {
	if log := asObject(o["log"]); log != nil {
		return "/log/entries", list(log["entries"])
	}
	if items = list(o["httpinteractions"]); items != nil {
		return "/http_interactions", items
	}
	return "/interactions", list(o["interactions"])
}

// items reads the exchanges of a list, which was recorded at a time if they do not say when.
func (p *parser) items(path string, items []json.RawMessage, at time.Time) {
	for i, item := range items {
		path, o := fmt.Sprintf("%s/%d", path, i), asObject(item)
		if shapeOf(o) == bare {
			if p.fault(path, item, "no request with its answer, and no delivery"); p.tooMuch != "" {
				return
			}
			continue
		}
		if p.item(path, item, o, at); p.tooMuch != "" {
			return
		}
	}
}

// item reads one exchange.
func (p *parser) item(path string, text json.RawMessage, o object, at time.Time) {
	shape := shapeOf(o)
	e, where, err := shape.read(o)
	if err != nil {
		p.fault(path+where, text, err.Error())
		return
	}
	if shape == bare {
		e.Body = text
	}
	if e.At.IsZero() {
		e.At = at
	}
	if e.Header == nil {
		e.Header = http.Header{}
	}
	p.all = append(p.all, e)
	p.values, p.bytes = p.values+recording.Values(e.Body), p.bytes+len(e.Body)
	p.count()
}
