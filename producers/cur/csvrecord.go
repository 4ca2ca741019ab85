package cur

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// records cuts CSV (RFC 4180) into records. Line ends within quotes belong to the field;
// a quote inside a field that does not begin with one is a character like any other.
type records struct {
	in *bufio.Reader
	// ahead is what was read and is not yet part of a record.
	ahead []byte
	next  int // where in ahead the next record begins
	err   error
	comma byte
	// line is that of the next record, from 1.
	line int64
	// unended is set if the last record has no line end: it may be cut.
	unended bool
}

// maxRecord bounds one record in bytes: a quote that is never closed would otherwise
// take the rest of the file.
const maxRecord = 1 << 20

var errLongRecord = errors.New("a record of more than 1 MiB")

func newRecords(in io.Reader) *records {
	return &records{in: bufio.NewReaderSize(in, 256<<10), comma: ',', line: 1}
}

// fill reads on, and tells whether there is more.
func (r *records) fill() bool {
	if r.err != nil {
		return false
	}
	if r.next > 0 {
		r.ahead = r.ahead[:copy(r.ahead, r.ahead[r.next:])]
		r.next = 0
	}
	n := len(r.ahead)
	r.ahead = append(r.ahead, make([]byte, 256<<10)...)
	got, err := r.in.Read(r.ahead[n:])
	r.ahead = r.ahead[:n+got]
	r.err = err
	return got > 0 || err == nil
}

// record is the next one with its line end, and the line it begins at. It is valid until
// the next call. The error is io.EOF, errLongRecord or the reader's; then the rest of a
// record that it cut is what is left.
func (r *records) record() (data []byte, line int64, err error) {
	line = r.line
	end, lines := r.end()
	for end < 0 && len(r.ahead)-r.next <= maxRecord && r.fill() {
		end, lines = r.end()
	}
	rest := r.ahead[r.next:]
	switch {
	case end >= 0:
		rest = rest[:end]
	case len(rest) > maxRecord:
		return nil, line, errLongRecord
	case r.err != nil && !errors.Is(r.err, io.EOF):
		return nil, line, r.err
	case len(rest) == 0:
		return nil, line, io.EOF
	default:
		r.unended = true
		lines = int64(bytes.Count(rest, []byte{'\n'}))
	}
	r.next += len(rest)
	r.line += lines
	return rest, line, nil
}

// end is where the record at next ends, after its line end, and how many lines it has;
// -1 if that is not read yet.
func (r *records) end() (end int, lines int64) {
	data := r.ahead[r.next:]
	i := bytes.IndexByte(data, '\n')
	if i < 0 {
		return -1, 0
	}
	if bytes.Count(data[:i], []byte{'"'})%2 == 0 {
		return i + 1, 1
	}
	// A quoted field may hold line ends: which quotes open one is told by the commas.
	s := scanner{data: data, comma: r.comma}
	for {
		_, more, err := s.field()
		if err != nil {
			return s.lineEnd(), 1
		}
		if !more {
			break
		}
	}
	if s.at >= len(data) && (len(data) == 0 || data[len(data)-1] != '\n' || s.open) {
		return -1, 0
	}
	return s.at, int64(bytes.Count(data[:s.at], []byte{'\n'}))
}

// giveUp passes over one line, of a record that cannot be read: what follows may be
// sound.
func (r *records) giveUp(record []byte) []byte {
	first := bytes.IndexByte(record, '\n') + 1
	if first == 0 || first == len(record) {
		return record
	}
	r.next -= len(record) - first
	r.line -= int64(bytes.Count(record[first:], []byte{'\n'}))
	r.unended = false
	return record[:first]
}

// skipLine passes over the line at next and gives at most the first of it.
func (r *records) skipLine(most int) []byte {
	var kept []byte
	for {
		data := r.ahead[r.next:]
		i := bytes.IndexByte(data, '\n')
		n := i + 1
		if i < 0 {
			n = len(data)
		}
		kept = append(kept, data[:min(n, most-len(kept))]...)
		r.next += n
		if i >= 0 {
			r.line++
			return kept
		}
		if !r.fill() {
			return kept
		}
	}
}

// unread puts records back that were read last.
func (r *records) unread(data []byte, line int64) {
	r.ahead = append(data, r.ahead[r.next:]...)
	r.next, r.line = 0, line
	r.unended = r.unended && len(data) == 0
}
