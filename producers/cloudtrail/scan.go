package cloudtrail

import (
	"bytes"
	"errors"
	"io"
)

// Errors of scanValue.
var (
	// errDamaged means that the bytes cannot be JSON.
	errDamaged = errors.New("damaged JSON")
	// errMore means that the value continues beyond the bytes.
	errMore = io.ErrUnexpectedEOF
)

// scanValue finds the end of the JSON value at the start of b. It looks only at quotes and
// brackets; each record is validated later. A line break in a string, a bracket closed by the
// wrong one or too deep nesting is damage, reported with its offset.
func scanValue(b []byte) (end int, err error) {
	switch {
	case len(b) == 0:
		return 0, errMore
	case b[0] == '"':
		return scanString(b, 0)
	case b[0] != '{' && b[0] != '[':
		end = bytes.IndexAny(b, ",}] \t\n\r{[\"")
		if end < 0 {
			return len(b), errMore
		}
		if end == 0 {
			return 0, errDamaged
		}
		return end, nil
	}
	// kinds holds the innermost 64 brackets, 1 for an object; outer holds those around them, 64
	// each.
	var kinds uint64
	var outer []uint64
	depth := 0
	for i := 0; i < len(b); i++ {
		switch ch := b[i]; ch {
		case '"':
			end, err := scanString(b, i)
			if err != nil {
				return end, err
			}
			i = end - 1
		case '{', '[':
			if depth > 0 && depth%64 == 0 {
				outer = append(outer, kinds)
			}
			kinds <<= 1
			if ch == '{' {
				kinds |= 1
			}
			if depth++; depth > 10000 {
				return i, errDamaged
			}
		case '}', ']':
			if (kinds&1 == 1) != (ch == '}') {
				return i, errDamaged
			}
			kinds >>= 1
			if depth--; depth == 0 {
				return i + 1, nil
			}
			if depth%64 == 0 {
				kinds, outer = outer[len(outer)-1], outer[:len(outer)-1] //mutant:outer-brackets-forgotten
			}
		}
	}
	return len(b), errMore
}

// scanString finds the end of the string whose opening quote is at b[i].
func scanString(b []byte, i int) (end int, err error) {
	from := i + 1
	for at := from; ; {
		n := bytes.IndexByte(b[at:], '"')
		if n < 0 {
			if line := bytes.IndexByte(b[from:], '\n'); line >= 0 {
				return from + line, errDamaged
			}
			return len(b), errMore
		}
		at += n
		back := at
		for back > from && b[back-1] == '\\' {
			back--
		}
		at++
		if (at-1-back)%2 == 0 {
			if line := bytes.IndexByte(b[from:at], '\n'); line >= 0 {
				return from + line, errDamaged
			}
			return at, nil
		}
	}
}
