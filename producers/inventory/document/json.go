package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/go-faster/jx"
)

// ErrSyntax is wrapped by every error of FromJSON.
var ErrSyntax = errors.New("not a JSON document")

// maxDepth is deeper than any answer of AWS, and safe for the stack.
const maxDepth = 64

// FromJSON parses a JSON text. A date in the form of botocore's recorder, {"__class__":
// "datetime", "year": ...}, is a time in UTC.
func FromJSON(data []byte) (Value, error) {
	d := jx.DecodeBytes(bytes.TrimPrefix(data, []byte("\uFEFF")))
	v, err := fromJSON(d, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	// Only the end of the text is an io error.
	if err := d.Skip(); !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: data after its end", ErrSyntax)
	}
	return v, nil
}

func fromJSON(d *jx.Decoder, depth int) (Value, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	switch d.Next() {
	case jx.Null:
		return nil, d.Null()
	case jx.Bool:
		return d.Bool()
	case jx.String:
		s, err := d.Str()
		return clean(s), err
	case jx.Number:
		n, err := d.Num()
		return Number(n), err
	case jx.Array:
		list := List{}
		err := d.Arr(func(d *jx.Decoder) error {
			v, err := fromJSON(d, depth+1)
			list = append(list, v)
			return err
		})
		return list, err
	case jx.Object:
		object := Object{}
		err := d.Obj(func(d *jx.Decoder, name string) error {
			v, err := fromJSON(d, depth+1)
			object = append(object, Member{Name: clean(name), Value: v})
			return err
		})
		if t, ok := object.recordedTime(); ok {
			return t, err
		}
		return object, err
	}
	return nil, errors.New("no value")
}

// recordedTime parses a date in the form of botocore's recorder.
func (o Object) recordedTime() (time.Time, bool) {
	if o.Get("__class__") != Value("datetime") {
		return time.Time{}, false
	}
	part := func(name string) int {
		n, _ := o.Get(name).(Number)
		i, err := strconv.Atoi(string(n))
		if err != nil {
			return 0
		}
		return i
	}
	year, month, day := part("year"), part("month"), part("day")
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, part("hour"), part("minute"), part("second"), part("microsecond")*1000, time.UTC), true
}
