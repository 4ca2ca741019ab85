package cloudtrail

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"polo/internal/queue"
)

// maxRecord bounds one record in bytes; CloudTrail's own have at most 256 KB, and 1 MB in
// extended data events.
const maxRecord = 16 << 20

// piece is one record of a stream, or a part of it that cannot be a record.
type piece struct {
	data   []byte
	offset int64 // in the uncompressed stream
	number int   // from 1
	// lone marks a value that is in no list.
	lone bool
	// first are the members that the records of the stream may begin with.
	first [][]byte
	// control marks a control message, which is not a record.
	control bool
	// suspect marks a record that was sent before: the stream turned out to be damaged, so
	// records inside it are records too.
	suspect bool
	// reason and problem are set if it cannot be a record.
	reason  queue.Reason
	problem string
}

// splitter splits a stream into records and holds one of them at a time: {"Records": [...]},
// {"Events": [...]}, an array, or values one after the other. After damage it continues at the
// next start of a record.
type splitter struct {
	w           window
	emit        func(piece) error
	number      int
	first       [][]byte // the names that records may begin with, in quotes
	learned     bool
	endReported bool // the early end of the stream was reported
	broken      bool // some part is damaged
	control     bool // the current list is of control messages
	// suspects are complete records that contain others: one may quote another, or damage may
	// have removed the brackets between them. Only damage elsewhere in the stream suggests the
	// latter.
	suspects     []piece
	suspectBytes int
	stopped      error
}

func newSplitter(r io.Reader, emit func(piece) error) *splitter {
	return &splitter{w: window{r: r, full: maxRecord}, emit: emit, first: knownFirst()}
}

// knownFirst returns the first members of records in log files, in LookupEvents pages and in
// EventBridge events.
func knownFirst() [][]byte {
	return [][]byte{[]byte(`"eventVersion"`), []byte(`"EventId"`), []byte(`"version"`)}
}

// run reads to the end. Its error is emit's.
func (s *splitter) run() error {
	for s.stopped == nil {
		ch, ok := s.w.space()
		if !ok {
			break
		}
		switch ch {
		case '[':
			s.w.use(1)
			s.list()
		case '{':
			s.object()
		case ',', ']', '}': // left open by earlier damage
			s.w.use(1)
		case '"':
			s.element(true)
		default:
			if !s.timed() { //mutant:times-before-records
				s.damaged("not JSON")
			}
		}
	}
	for _, p := range s.suspects {
		if s.broken && s.stopped == nil {
			s.stopped = s.emit(p)
		}
	}
	if s.stopped == nil {
		if err := s.w.failed(); err != nil {
			s.send(nil, queue.ReasonUnreadableFile, fmt.Sprintf("reading stops at byte %d: %v", s.w.offset(), err), false)
		}
	}
	return s.stopped
}

// list reads the elements of an array after its opening bracket.
func (s *splitter) list() {
	after := false // an element was read, and a comma must follow
	for s.stopped == nil {
		ch, ok := s.w.space()
		switch {
		case !ok:
			s.ended("a list")
			return
		case ch == ']':
			s.w.use(1)
			return
		case ch == ',' && after:
			s.w.use(1)
			after = false
		case after, ch == '}', ch == ',', ch != '{' && s.learned:
			// This is the inside of a broken record.
			s.damaged("cut or damaged")
			after = false
		default:
			after = s.element(false)
		}
	}
}

// ended reports, once, that the stream ends too early.
func (s *splitter) ended(inside string) {
	if s.w.failed() == nil && !s.endReported {
		s.endReported = true
		s.send(nil, queue.ReasonUnreadableFile, fmt.Sprintf("ends inside %s at byte %d", inside, s.w.offset()), false)
	}
}

// element reads one value as a record, and reports whether it was complete.
func (s *splitter) element(lone bool) bool {
	end, err := s.value()
	switch {
	case err == nil:
		s.learn(s.w.unused()[:end])
		s.record(end, lone)
		return true
	case errors.Is(err, errMore):
		s.unfinished()
	default:
		s.damaged("cut or damaged")
	}
	return false
}

// value returns the end of the value at the window's start, reading as far as needed.
func (s *splitter) value() (int, error) {
	for {
		end, err := scanValue(s.w.unused())
		if !errors.Is(err, errMore) || !s.w.more() {
			if err != nil && errors.Is(err, errMore) && errors.Is(s.w.err, io.EOF) && end > 0 && isLiteral(s.w.unused()[0]) {
				return end, nil // a bare literal ends with the stream
			}
			return end, err
		}
	}
}

func isLiteral(ch byte) bool { return ch != '{' && ch != '[' && ch != '"' }

// object reads a top-level object: a wrapper around a list of records, or a record.
func (s *splitter) object() {
	at := 1
	for {
		list, n, err := wrappedList(s.w.unused(), at)
		switch {
		case errors.Is(err, errMore) && s.w.more():
			continue
		case list:
			s.control = bytes.Contains(s.w.unused()[:n], []byte(`"CONTROL_MESSAGE"`))
			s.w.use(n)
			s.list()
			s.rest()
			s.control = false
			return
		}
		s.element(true)
		return
	}
}

// rest skips the members after a list of records.
func (s *splitter) rest() {
	named := false // a name was read, and a value must follow
	for s.stopped == nil {
		ch, ok := s.w.space()
		switch {
		case !ok:
			s.ended("an object")
			return
		case ch == '}':
			s.w.use(1)
			return
		case ch == ',' || ch == ':':
			named = ch == ':'
			s.w.use(1)
		case ch == '{' && !named:
			// No member begins so: an extra bracket ended the list too early.
			s.list()
		case ch != '"' && !named:
			s.damaged("cut or damaged")
		case ch == '"' && !named:
			end, err := s.value()
			if err != nil {
				s.damaged("cut or damaged")
				return
			}
			name := string(s.w.unused()[:end])
			s.w.use(end)
			if isListName(name) && s.take(':') && s.take('[') {
				s.list()
			}
		default:
			end, err := s.value()
			if err != nil || end == 0 {
				s.damaged("cut or damaged")
				return
			}
			s.w.use(end)
			named = false
		}
	}
}

// take passes over white space and, if it comes next, over a character.
func (s *splitter) take(want byte) bool {
	ch, ok := s.w.space()
	if !ok || ch != want {
		return false
	}
	s.w.use(1)
	return true
}

func isListName(quoted string) bool {
	return quoted == `"Records"` || quoted == `"Events"` || quoted == `"logEvents"` || quoted == `"events"`
}

// wrappedList looks for a list of records among an object's members from b[at], and returns where
// its elements begin.
func wrappedList(b []byte, at int) (list bool, elements int, err error) {
	skip := func() bool {
		for at < len(b) && (b[at] == ' ' || b[at] == '\n' || b[at] == '\r' || b[at] == '\t' || b[at] == ',') {
			at++
		}
		return at < len(b)
	}
	for members := 0; members < 64; members++ {
		if !skip() {
			return false, 0, errMore
		}
		if b[at] != '"' {
			return false, 0, nil
		}
		end, err := scanString(b, at)
		if err != nil {
			return false, 0, err
		}
		name := string(b[at:end])
		at = end
		if !skip() {
			return false, 0, errMore
		}
		if b[at] != ':' {
			return false, 0, nil
		}
		at++
		if !skip() {
			return false, 0, errMore
		}
		if b[at] == '[' && (isListName(name) || listsRecords(b[at:])) {
			return true, at + 1, nil
		}
		if members == 0 && name == `"eventVersion"` {
			return false, 0, nil // the usual start of a record
		}
		end, err = scanValue(b[at:])
		if err != nil {
			return false, 0, err
		}
		at += end
	}
	return false, 0, nil
}

// listsRecords reports whether a list, whatever its name, begins with a record.
func listsRecords(list []byte) bool {
	after := bytes.TrimLeft(list[1:], " \t\r\n")
	if len(after) == 0 || after[0] != '{' {
		return false
	}
	after = bytes.TrimLeft(after[1:], " \t\r\n")
	return bytes.HasPrefix(after, []byte(`"eventVersion"`)) || bytes.HasPrefix(after, []byte(`"EventId"`))
}

// learn remembers how records begin, to find the next one after damage: one writer wrote the
// whole stream.
func (s *splitter) learn(record []byte) {
	if s.learned || record[0] != '{' || !looksWhole(record) {
		return
	}
	s.learned = true
	at := 1
	for at < len(record) && record[at] != '"' {
		at++
	}
	if at >= len(record) {
		return
	}
	if end, err := scanString(record, at); err == nil {
		s.first = [][]byte{bytes.Clone(record[at:end])}
	}
}

// looksWhole reports whether an object looks like a complete record, not like the inside of a
// broken one.
func looksWhole(record []byte) bool {
	for _, name := range [...]string{`"eventTime"`, `"CloudTrailEvent"`, `"detail"`, `"message"`, `"timeWindow"`, `"@timestamp"`} {
		if bytes.Contains(record, []byte(name)) {
			return true
		}
	}
	return false
}

// damaged rejects the bytes up to the next start of a record.
func (s *splitter) damaged(problem string) {
	at := s.w.offset()
	for {
		start := nextRecord(s.w.unused(), s.first)
		if start >= 0 {
			s.send(s.w.unused()[:start], queue.ReasonMalformedRecord, fmt.Sprintf("%s at byte %d", problem, at), false)
			s.w.use(start)
			return
		}
		if !s.w.more() {
			break
		}
	}
	s.rejectWindow(fmt.Sprintf("%s at byte %d, and no record after it", problem, at))
}

// unfinished rejects a value without an end: the file is truncated, the record exceeds the bound,
// or damage made the value include its neighbours.
func (s *splitter) unfinished() {
	at := s.w.offset()
	if start := nextRecord(s.w.unused(), s.first); start >= 0 {
		s.send(s.w.unused()[:start], queue.ReasonMalformedRecord, fmt.Sprintf("cut or damaged at byte %d", at), false)
		s.w.use(start)
		return
	}
	problem := fmt.Sprintf("ends inside the record at byte %d", at)
	if err := s.w.failed(); err != nil {
		problem = fmt.Sprintf("reading stops inside the record at byte %d: %v", at, err)
	} else if s.w.err == nil {
		problem = fmt.Sprintf("the record at byte %d is larger than %d bytes", at, maxRecord)
	}
	s.rejectWindow(problem)
}

// rejectWindow rejects the bytes in the window. The rest of the stream is read.
func (s *splitter) rejectWindow(problem string) {
	s.send(s.w.unused(), queue.ReasonUnreadableFile, problem, false)
	s.endReported = true
	s.w.use(len(s.w.unused()))
	if s.w.err != nil && s.w.failed() != nil {
		s.w.err = io.EOF // reported already
	}
}

// nextRecord returns where a record begins in b, after its first byte: a brace followed by a
// member that records begin with.
func nextRecord(b []byte, first [][]byte) int {
	best := -1
	for _, name := range first {
		if at := nextBegin(b, name); at >= 0 && (best < 0 || at < best) {
			best = at
		}
	}
	return best
}

func nextBegin(b, name []byte) int {
	for from := 1; from < len(b); {
		i := bytes.Index(b[from:], name)
		if i < 0 {
			return -1
		}
		brace := from + i - 1
		for brace > 0 && (b[brace] == ' ' || b[brace] == '\n' || b[brace] == '\r' || b[brace] == '\t') {
			brace--
		}
		if brace >= 1 && b[brace] == '{' {
			return brace
		}
		from += i + len(name)
	}
	return -1
}

func (s *splitter) record(end int, lone bool) {
	if data := s.w.unused()[:end]; s.suspectBytes < maxRecord && nextRecord(data, s.first) > 0 {
		s.suspectBytes += end
		s.suspects = append(s.suspects, piece{
			data: bytes.Clone(data), offset: s.w.offset(), number: s.number + 1, first: s.first, suspect: true,
		})
	}
	s.send(s.w.unused()[:end], "", "", lone)
	s.w.use(end)
}

func (s *splitter) send(data []byte, reason queue.Reason, problem string, lone bool) {
	s.broken = s.broken || reason != ""
	s.number++
	if err := s.emit(piece{
		data: data, offset: s.w.offset(), number: s.number, lone: lone, control: s.control, first: s.first, reason: reason, problem: problem,
	}); err != nil {
		s.stopped = err
	}
}
