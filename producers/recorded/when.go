package recorded

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/go-faster/jx"

	"polo/producers/recording"
)

// moment returns when a file's response was given, to the second, and its events'
// observed_at within that second (recording.Rank).
func moment(name string, data []byte, fallback time.Time) (at, observed time.Time, dated bool) {
	at, dated = timeOf(data)
	if !dated {
		at = fallback
	}
	at = at.UTC().Truncate(time.Second)
	return at, at.Add(recording.Rank(name, data)), dated
}

// timeOf returns the time that a recording states: its recorder's recorded_at, or the
// service's Date header. Of several pages the latest counts.
func timeOf(data []byte) (at time.Time, ok bool) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	d := jx.DecodeBytes(data)
	if d.Next() != jx.Array {
		return timeIn(data, false, 0)
	}
	err := d.Arr(func(d *jx.Decoder) error {
		page, err := d.Raw()
		if t, found := timeIn(page, false, 0); found && (!ok || t.After(at)) {
			at, ok = t, true
		}
		return err
	})
	return at, ok && err == nil
}

// timeIn searches what a recorder added around a response, and no deeper: dates inside are
// the response's own.
func timeIn(data []byte, headers bool, depth int) (at time.Time, ok bool) {
	const wrappings = 4
	if depth > wrappings {
		return at, false
	}
	rank := 0
	take := func(r int, t time.Time, found bool) {
		if found && (r > rank || r == rank && t.After(at)) {
			at, ok, rank = t, true, r
		}
	}
	// The decoder returns an error if it is not an object.
	err := jx.DecodeBytes(data).ObjBytes(func(d *jx.Decoder, name []byte) error {
		value, err := d.Raw()
		switch bare(name) {
		case "recordedat", "capturedat", "retrievedat", "fetchedat":
			t, found := timeFrom(value)
			take(2, t, found)
		case "date":
			if headers {
				t, found := timeFrom(value)
				take(1, t, found)
			}
		case "headers", "httpheaders":
			t, found := timeIn(value, true, depth+1)
			take(1, t, found) //mutant:recordings-without-dates
		case "data", "response", "metadata", "responsemetadata":
			t, found := timeIn(value, false, depth+1)
			take(1, t, found)
		}
		return err
	})
	return at, ok && err == nil
}

// longest bounds a text that may be a time or a time's name, in bytes.
const longest = 256

// bare normalises the spelling of a member's name.
func bare(name []byte) string {
	if len(name) > longest {
		return ""
	}
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", "$", "").Replace(string(name)))
}

// timeFrom parses a time as recorders and headers write it: a text, a list of one text, or
// a number of seconds or milliseconds.
func timeFrom(value []byte) (at time.Time, ok bool) {
	if len(value) > longest {
		return at, false
	}
	var text string
	var list []string
	var number float64
	switch {
	case json.Unmarshal(value, &text) == nil:
	case json.Unmarshal(value, &list) == nil && len(list) > 0:
		text = list[0]
	case json.Unmarshal(value, &number) == nil && number > 0:
		const milliseconds = 1e11
		if number < milliseconds {
			number *= 1000
		}
		return bounded(time.UnixMilli(int64(min(number, 1e15))))
	}
	if at, err := http.ParseTime(text); err == nil {
		return bounded(at)
	}
	for _, layout := range []string{time.RFC3339Nano, time.RFC1123Z, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return bounded(at)
		}
	}
	return at, false
}

// bounded rejects years that the tables cannot hold.
func bounded(at time.Time) (time.Time, bool) {
	const first, last = 1971, 2200
	return at, at.Year() >= first && at.Year() <= last
}
