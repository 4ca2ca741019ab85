package cloudwatch

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// number is a value: a JSON number, or the text of one that JSON cannot express. Anything else
// becomes NaN, so that its neighbours are read.
type number float64

// UnmarshalJSON implements json.Unmarshaler. A number beyond the range of float64 is an infinity.
func (n *number) UnmarshalJSON(raw []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	if err != nil && !math.IsInf(v, 0) {
		v = math.NaN()
	}
	*n = number(v)
	return nil
}

// stamp is a time: text, seconds since 1970, or the form of botocore's recorder. Anything else
// becomes the zero time, so that its neighbours are read.
type stamp struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (s *stamp) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '"':
		s.Time = ofText(raw)
	case '{':
		s.Time = recordedTime(raw)
	default:
		s.Time = ofSeconds(raw)
	}
	return nil
}

func ofText(raw []byte) time.Time {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return time.Time{}
	}
	// Python's isoformat omits an unknown zone: then it is UTC.
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

func ofSeconds(raw []byte) time.Time {
	seconds, err := strconv.ParseFloat(string(raw), 64)
	const farthest = 253_402_300_800 // the year 10000
	if err != nil || !(math.Abs(seconds) < farthest) {
		return time.Time{}
	}
	return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
}

// recordedTime parses {"__class__": "datetime", "year": 2026, ...}.
func recordedTime(raw []byte) time.Time {
	var d struct {
		Class                                               string `json:"__class__"`
		Year, Month, Day, Hour, Minute, Second, Microsecond int
	}
	if json.Unmarshal(raw, &d) != nil || d.Class != "datetime" || d.Year < 1 || d.Year > 9999 || d.Month < 1 || d.Month > 12 || d.Day < 1 || d.Day > 31 {
		return time.Time{}
	}
	return time.Date(d.Year, time.Month(d.Month), d.Day, d.Hour, d.Minute, d.Second, d.Microsecond*1000, time.UTC)
}

// quoteNonFinite quotes the values that Python writes and JSON lacks: NaN, Infinity and
// -Infinity.
func quoteNonFinite(data []byte) []byte {
	if !bytes.Contains(data, []byte("NaN")) && !bytes.Contains(data, []byte("Infinity")) {
		return data
	}
	out := make([]byte, 0, len(data)+16)
	for i := 0; i < len(data); {
		switch c := data[i]; c {
		case '"':
			end := i + 1
			for end < len(data) && data[end] != '"' {
				if data[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end+1, len(data))
			out, i = append(out, data[i:end]...), end
		default:
			word := nonFinite(data[i:])
			if word == "" {
				out, i = append(out, c), i+1
				continue
			}
			out, i = append(append(append(out, '"'), word...), '"'), i+len(word)
		}
	}
	return out
}

func nonFinite(data []byte) string {
	for _, word := range [...]string{"NaN", "-Infinity", "Infinity"} {
		if bytes.HasPrefix(data, []byte(word)) {
			return word
		}
	}
	return ""
}
