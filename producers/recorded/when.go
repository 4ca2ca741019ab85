package recorded

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/go-faster/jx"
)

// Undated is the time of answers of which nothing tells when they were given: it is
// early, so that whatever has a time is newer, and the same on every machine.
func Undated() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// moment is when a file's answer was given, to the second, and observed_at of its events,
// within that second. Of two answers of one second the one with the greater number in its
// name counts, then the one whose content has the greater hash. Both times are functions of
// the recording alone: when and where a file was copied to does not show.
func moment(name string, data []byte, fallback time.Time) (at, observed time.Time, dated bool) {
	at, dated = timeOf(data)
	if !dated {
		at = fallback
	}
	at = at.UTC().Truncate(time.Second)
	const numbers, hashes = 100, 10
	sum := sha256.Sum256(data)
	rank := min(numberOf(name), numbers-1)*hashes + int(sum[0])%hashes
	return at, at.Add(time.Duration(rank) * time.Millisecond), dated
}

// numberOf is the number at the end of a recording's name, 0 where it has none:
// "ec2.DescribeInstances_2.json".
func numberOf(name string) int {
	stem := strings.TrimSuffix(plainName(name), path.Ext(plainName(name)))
	n, err := strconv.Atoi(stem[strings.LastIndexByte(stem, '_')+1:])
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// timeOf is the time that a recording tells: what its recorder wrote (recorded_at), or the
// Date that the service answered with. Of several pages the latest counts.
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

// timeIn looks through what a recorder put around an answer, and no deeper: inside are
// the answer's own dates.
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
	// What is no object is an error of the decoder.
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
			take(1, t, found)
		case "data", "response", "metadata", "responsemetadata":
			t, found := timeIn(value, false, depth+1)
			take(1, t, found)
		}
		return err
	})
	return at, ok && err == nil
}

// longest is that of a text that is looked at for a time or a time's name, in bytes.
const longest = 256

// bare is a member's name without what writers of it differ in.
func bare(name []byte) string {
	if len(name) > longest {
		return ""
	}
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", "$", "").Replace(string(name)))
}

// timeFrom reads a time as recorders and headers have it: a text, the only one of a
// list, or a number of seconds or milliseconds.
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

// bounded refuses years that storage does not hold.
func bounded(at time.Time) (time.Time, bool) {
	const first, last = 1971, 2200
	return at, at.Year() >= first && at.Year() <= last
}
