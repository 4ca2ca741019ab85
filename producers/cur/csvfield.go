package cur

import (
	"bytes"
	"errors"
)

var errQuote = errors.New("a quoted field continues after its closing quote")

// scanner reads the fields of a record.
type scanner struct {
	data  []byte
	comma byte
	at    int
	// open is set if data ended within quotes.
	open bool
}

// csvField is one field: data[from:to], without its quotes. escaped means that it contains
// doubled quotes.
type csvField struct {
	from, to int
	escaped  bool
}

// field returns the next field; more means that another follows in the record. At the end of the
// record, s.at is after the line end.
func (s *scanner) field() (f csvField, more bool, err error) {
	if s.at < len(s.data) && s.data[s.at] == '"' {
		return s.quoted()
	}
	rest := s.data[s.at:]
	f.from = s.at
	for i, c := range rest {
		if c == s.comma {
			f.to = s.at + i
			s.at = f.to + 1
			return f, true, nil
		}
		if c == '\n' {
			f.to = s.at + len(bytes.TrimSuffix(rest[:i], []byte{'\r'}))
			s.at += i + 1
			return f, false, nil
		}
	}
	f.to = s.at + len(bytes.TrimSuffix(rest, []byte{'\r'}))
	s.at = len(s.data)
	return f, false, nil
}

func (s *scanner) quoted() (f csvField, more bool, err error) {
	f.from = s.at + 1
	at := f.from
	for {
		i := bytes.IndexByte(s.data[at:], '"')
		if i < 0 {
			f.to, s.at, s.open = len(s.data), len(s.data), true
			return f, false, nil
		}
		at += i + 1
		if at < len(s.data) && s.data[at] == '"' {
			f.escaped = true
			at++
			continue
		}
		break
	}
	f.to = at - 1
	if at < len(s.data) && s.data[at] == '\r' {
		at++
	}
	switch {
	case at == len(s.data):
		s.at = at
		return f, false, nil
	case s.data[at] == s.comma:
		s.at = at + 1
		return f, true, nil
	case s.data[at] == '\n':
		s.at = at + 1
		return f, false, nil
	}
	return f, false, errQuote
}

// lineEnd returns the end of the first line.
func (s *scanner) lineEnd() int {
	if i := bytes.IndexByte(s.data, '\n'); i >= 0 {
		return i + 1
	}
	return len(s.data)
}
