package cur

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// records splits CSV (RFC 4180) into records. Line ends within quotes belong to the field. A
// quote has no meaning in a field that does not begin with one.
type records struct {
	in *bufio.Reader
	// ahead holds bytes that were read and are not yet part of a record.
	ahead []byte
	next  int // where in ahead the next record begins
	err   error
	comma byte
	// line is the line number of the next record, from 1.
	line int64
	// unended is set if the last record has no line end: it may be truncated.
	unended bool
}

// maxRecord bounds one record in bytes: an unclosed quote would otherwise take the rest of the
// file.
const maxRecord = 1 << 20

var errLongRecord = errors.New("a record of more than 1 MiB")

func newRecords(in io.Reader) *records {
	return &records{in: bufio.NewReaderSize(in, 256<<10), comma: ',', line: 1}
}

// fill reads on, and reports whether there may be more.
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

// record returns the next record with its line end, and the line it begins at. It is valid until
// the next call. The error is io.EOF, errLongRecord or the reader's; after the reader's error,
// ahead holds the start of a truncated record.
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

// end returns the end of the record at next, after its line end, and its number of lines; -1 if
// it is not read yet.
func (r *records) end() (end int, lines int64) {
	data := r.ahead[r.next:]
	i := bytes.IndexByte(data, '\n')
	if i < 0 {
		return -1, 0
	}
	if bytes.Count(data[:i], []byte{'"'})%2 == 0 {
		return i + 1, 1
	}
	// A quoted field may hold line ends: the commas show which quotes open a field.
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

// skipFirstLine returns the first line of a record that cannot be read. The next record begins
// after it, because the following lines may be valid.
func (r *records) skipFirstLine(record []byte) []byte {
	first := bytes.IndexByte(record, '\n') + 1
	if first == 0 || first == len(record) {
		return record
	}
	r.next -= len(record) - first
	r.line -= int64(bytes.Count(record[first:], []byte{'\n'}))
	r.unended = false
	return record[:first]
}

// skipLine skips the line at next and returns at most its first limit bytes.
func (r *records) skipLine(limit int) []byte {
	var kept []byte
	for {
		data := r.ahead[r.next:]
		i := bytes.IndexByte(data, '\n')
		n := i + 1
		if i < 0 {
			n = len(data)
		}
		kept = append(kept, data[:min(n, limit-len(kept))]...)
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

// unread pushes back the records that were read last.
func (r *records) unread(data []byte, line int64) {
	r.ahead = append(data, r.ahead[r.next:]...)
	r.next, r.line = 0, line
	r.unended = r.unended && len(data) == 0
}
