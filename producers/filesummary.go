package producers

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"polo/internal/queue"
)

const (
	// rejectSamples is how many failures a summary's error quotes.
	rejectSamples = 3
	// maxSummaryBytes bounds the bodies in a summary, so that it fits a message.
	maxSummaryBytes = 128 << 10
	// maxRanges bounds how many ranges of places it lists.
	maxRanges = 4000
)

// fileSummary is the body of a letter that stands for many failures of a file.
type fileSummary struct {
	File string `json:"file"`
	// Failed counts the failures, Bytes their content, without observed_at and without parts
	// of a response that are only counted.
	Failed  int64                  `json:"failed"`
	Bytes   int64                  `json:"bytes"`
	Reasons map[queue.Reason]int64 `json:"reasons"`
	// Places lists the numbers of the failed records, in ranges; PlacesLeft counts the
	// records that are not listed.
	Places     []string `json:"places,omitempty"`
	PlacesLeft int64    `json:"places_left,omitempty"`
	// First holds the first failures.
	First []fileReject `json:"first"`
}

type fileReject struct {
	Place  string       `json:"place"`
	Reason queue.Reason `json:"reason"`
	Error  string       `json:"error"`
	// Body is what failed, or Base64 if it is not text.
	Body   string `json:"body,omitempty"`
	Base64 []byte `json:"base64,omitempty"`
}

// body returns the summary as JSON. What does not fit is still in the file.
func (r *fileRejects) body(file string) []byte {
	s := fileSummary{File: file, Failed: r.failed(), Bytes: r.bytes, Reasons: r.reasons, First: []fileReject{}}
	s.Places, s.PlacesLeft = r.numbers.ranges(maxRanges)
	room := maxSummaryBytes
	for i := range r.kept {
		f := r.kept[i].f.WithoutSecrets() // secrets inside a nested body would not be found
		content := f.Content()            // without observed_at, so that a second collection's summary is the same //mutant:summary-of-another-day
		if room -= len(content) + len(f.Err); room < 0 {
			break
		}
		x := fileReject{Place: f.Origin, Reason: f.Reason, Error: f.Err}
		if utf8.Valid(content) {
			x.Body = string(content)
		} else {
			x.Base64 = content
		}
		s.First = append(s.First, x)
	}
	out, err := json.Marshal(s)
	if err != nil {
		return []byte(file) // cannot happen: numbers and valid text always encode
	}
	return out
}

func (r *fileRejects) failed() int64 {
	n := int64(0)
	for _, of := range r.reasons {
		n += of
	}
	return n
}

// text returns the letter's error text.
func (r *fileRejects) text() string {
	var reasons, samples []string
	for _, reason := range slices.Sorted(maps.Keys(r.reasons)) {
		reasons = append(reasons, fmt.Sprintf("%s %d", reason, r.reasons[reason]))
	}
	for i := range r.kept[:min(len(r.kept), rejectSamples)] {
		samples = append(samples, r.kept[i].f.Err)
	}
	text := fmt.Sprintf("%d records are bad (%s), too many or too large for a letter each; the file holds them all", r.failed(), strings.Join(reasons, ", "))
	if len(samples) > 0 {
		text += "; the first: " + strings.Join(samples, "; ")
	}
	return text
}

// numberSet is a set of small numbers.
type numberSet struct {
	bits []uint64
	// beyond counts numbers too large for the set.
	beyond int64
}

// maxNumber is the largest number that a set holds: 1 MiB of bits.
const maxNumber = 8 << 20

func (s *numberSet) add(n int64) {
	switch {
	case n <= 0:
		return
	case n > maxNumber:
		s.beyond++
		return
	}
	for int64(len(s.bits)) <= n/64 {
		s.bits = append(s.bits, 0)
	}
	s.bits[n/64] |= 1 << (n % 64)
}

func (s *numberSet) has(n int64) bool {
	return n/64 < int64(len(s.bits)) && s.bits[n/64]&(1<<(n%64)) != 0
}

// ranges returns the first most ranges, and how many numbers the others hold.
func (s *numberSet) ranges(most int) (out []string, left int64) {
	left = s.beyond
	end := int64(len(s.bits)) * 64
	for n := int64(1); n < end; n++ {
		if !s.has(n) {
			continue
		}
		first := n
		for s.has(n + 1) {
			n++
		}
		switch {
		case len(out) == most:
			left += n - first + 1
		case n == first:
			out = append(out, strconv.FormatInt(n, 10))
		default:
			out = append(out, fmt.Sprintf("%d-%d", first, n))
		}
	}
	return out, left
}
