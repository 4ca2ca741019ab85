package cur

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// rowSource returns the rows of one file.
type rowSource interface {
	// next fills an empty batch; io.EOF means that no row is left. A fault of the file is the
	// batch's damage. No row follows it, except in a file with independent parts.
	next(b *batch) error
	// shape returns the layout of the columns.
	shape() *layout
	close() error
}

// csvSource reads CSV.
type csvSource struct {
	records *records
	layout  *layout
	top     []byte  // the header line
	kept    []int16 // the slot of each column, -1 for none
	width   int     // the number of fields in a row
	fields  []csvField
	decoded []byte
	done    bool
}

// maxKept bounds the bytes of unreadable input in a failure.
const maxKept = 64 << 10

// newCSVSource reads the header. The error is errNoBill, errNoLines or the reader's.
func newCSVSource(in io.Reader) (*csvSource, error) {
	s := &csvSource{records: newRecords(in)}
	header, err := s.header()
	if err != nil {
		return nil, err
	}
	s.top = bytes.TrimSpace(header)
	names, err := s.names(header)
	if err != nil {
		return nil, err
	}
	if s.layout, s.kept, err = newLayout(names); err != nil {
		return nil, err
	}
	s.width = len(names)
	return s, s.measure()
}

// header returns the first line that is not blank.
func (s *csvSource) header() ([]byte, error) {
	for first := true; ; first = false {
		line, _, err := s.records.record()
		if errors.Is(err, io.EOF) || errors.Is(err, errLongRecord) {
			return nil, errNoBill
		}
		if err != nil {
			return nil, err
		}
		if first {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if len(bytes.TrimSpace(line)) > 0 {
			return bytes.Clone(line), nil
		}
	}
}

// names splits the header at the separator that makes it a bill's: a comma, or one that
// spreadsheets write instead.
func (s *csvSource) names(header []byte) ([]string, error) {
	if !utf8.Valid(header) {
		return nil, errNoBill
	}
	for _, comma := range []byte{',', ';', '\t', '|'} {
		names := namesBetween(header, comma)
		if _, _, err := newLayout(names); !errors.Is(err, errNoBill) {
			s.records.comma = comma
			return names, nil
		}
	}
	return nil, errNoBill
}

// namesBetween returns the header's names, nil if it cannot be split at that separator.
func namesBetween(header []byte, comma byte) (names []string) {
	scan := scanner{data: header, comma: comma}
	for more := true; more; {
		f, another, err := scan.field()
		if err != nil {
			return nil
		}
		names = append(names, string(unquote(nil, header[f.from:f.to], f.escaped)))
		more = another
	}
	return names
}

// measure finds the number of fields in a row, which may be smaller than the header's: some files
// end with columns for which no row has a value. The first two rows must agree, so that one
// damaged row does not decide for the others.
func (s *csvSource) measure() error {
	var both []byte
	line, widths := s.records.line, []int{}
	for len(widths) < 2 {
		data, _, err := s.records.record()
		if err != nil {
			break // next reads the rows again and reports the error
		}
		both = append(both, data...)
		if len(bytes.TrimSpace(data)) > 0 && s.split(data) == nil {
			widths = append(widths, len(s.fields))
		} else if len(both) > maxRecord {
			break
		}
	}
	s.records.unread(both, line)
	if len(widths) == 0 || widths[0] >= s.width || widths[0] != widths[len(widths)-1] || s.records.unended && len(widths) == 1 {
		return nil
	}
	for i, slot := range s.kept[widths[0]:] {
		if slot >= 0 && (slot == s.layout.slots[fCost] || slot == s.layout.slots[fStart]) {
			return fmt.Errorf("%w: rows end before column %d", errNoLines, widths[0]+i+1)
		}
	}
	s.width = widths[0]
	return nil
}

// split splits a record into fields.
func (s *csvSource) split(record []byte) error {
	s.fields = s.fields[:0]
	scan := scanner{data: record, comma: s.records.comma}
	for more := true; more; {
		var f csvField
		var err error
		if f, more, err = scan.field(); err != nil {
			return err
		}
		s.fields = append(s.fields, f)
	}
	switch {
	case scan.open:
		return errors.New("a quote is not closed")
	case scan.at < len(record):
		return errors.New("a line end within the record")
	}
	return nil
}

func (s *csvSource) next(b *batch) error {
	b.layout = s.layout
	for !s.done && !b.full() {
		record, line, err := s.records.record()
		switch {
		case errors.Is(err, io.EOF):
			s.done = true
		case errors.Is(err, errLongRecord):
			data := s.records.skipLine(maxKept)
			s.bad(b, data, line, "a quote is not closed within 1 MiB, or a line is longer")
		case err != nil:
			s.done = true
			rest := s.records.ahead[s.records.next:]
			b.damage = &damage{problem: fmt.Sprintf("reading stops: %v", err), at: line, data: beginning(rest)}
		default:
			s.row(b, record, line)
		}
	}
	if len(b.rows) == 0 && b.damage == nil {
		return io.EOF
	}
	b.seal()
	return nil
}

func (s *csvSource) row(b *batch, record []byte, line int64) {
	if len(record) <= 2 && len(bytes.TrimSpace(record)) == 0 {
		return // an empty line
	}
	if len(record) >= len(s.top) && bytes.Equal(bytes.TrimSpace(bytes.TrimPrefix(record, []byte("\xef\xbb\xbf"))), s.top) {
		return // the header of an appended file
	}
	problem := ""
	switch err := s.split(record); {
	case err != nil:
		problem = err.Error()
	case !utf8.Valid(record):
		problem = "not UTF-8"
	case !s.fits(record):
		problem = fmt.Sprintf("%d fields where the file has %d columns", len(s.fields), s.width)
		if s.records.unended {
			problem += "; the file ends within the row"
		}
	}
	if problem != "" {
		s.bad(b, s.records.skipFirstLine(record), line, problem)
		return
	}
	base := uint32(len(b.arena))
	b.text(record)
	b.spans = append(b.spans, span{base, base + uint32(len(bytes.TrimRight(record, "\r\n")))})
	first := len(b.spans)
	for range s.layout.names {
		b.spans = append(b.spans, span{})
	}
	for i, f := range s.fields {
		if i >= len(s.kept) || s.kept[i] < 0 {
			continue
		}
		at := span{base + uint32(f.from), base + uint32(f.to)}
		if f.escaped {
			s.decoded = unquote(s.decoded[:0], record[f.from:f.to], true)
			at = b.text(s.decoded)
		}
		b.spans[first+int(s.kept[i])] = at
	}
	b.rows = append(b.rows, row{number: line})
}

// fits reports whether the record has the expected number of fields; extra ones must be blank.
func (s *csvSource) fits(record []byte) bool {
	if len(s.fields) == s.width || len(s.fields) == len(s.kept) {
		return true
	}
	if len(s.fields) < s.width {
		return false
	}
	for _, f := range s.fields[s.width:] {
		if len(bytes.TrimSpace(record[f.from:f.to])) > 0 {
			return false
		}
	}
	return true
}

func (s *csvSource) bad(b *batch, data []byte, line int64, problem string) {
	if problem == "" || len(bytes.TrimSpace(data)) == 0 {
		return
	}
	b.spans = append(b.spans, b.text(bytes.TrimRight(data, "\r\n")))
	b.rows = append(b.rows, row{number: line, problem: problem})
}

func (s *csvSource) shape() *layout { return s.layout }

func (s *csvSource) close() error { return nil }

// unquote appends a field's text, without doubled quotes.
func unquote(dst, field []byte, escaped bool) []byte {
	if !escaped {
		return append(dst, field...)
	}
	for {
		i := bytes.Index(field, []byte(`""`))
		if i < 0 {
			return append(dst, field...)
		}
		dst = append(dst, field[:i+1]...)
		field = field[i+2:]
	}
}
