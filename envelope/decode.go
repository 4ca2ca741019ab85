package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/go-faster/jx"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// DecodeEvent decodes one event as AppendJSON writes it. It ignores unknown fields, so
// that an older consumer can read a newer producer of the same wire version. Of a field
// given twice the last counts. Errors name the field and never its value.
func DecodeEvent(line []byte) (ResourceEvent, error) {
	d := lineDecoder{arena: &arena{}}
	var e ResourceEvent
	if err := d.decode(line, string(line), &e); err != nil {
		return ResourceEvent{}, err
	}
	return e, nil
}

// lineDecoder is reused for every line of a pack, so that names that recur are held
// once.
type lineDecoder struct {
	jx jx.Decoder
	// line is the line being decoded. source is a copy of it as a string, of which
	// strings without escapes are substrings.
	line   []byte
	source string
	// names interns recurring strings; nil turns interning off.
	names map[string]string
	// arena holds the decoded lists; the fields below are scratch space for one list.
	arena     *arena
	pair      []Pair
	ancestors []string
	relations []Relation
}

const (
	// maxInterned bounds the length of names, in bytes; a longer text is unlikely to
	// recur.
	maxInterned = 64
	// maxNames bounds the table of names. At that size it is emptied, so that untrusted
	// text cannot fill it for good.
	maxNames = 4096
)

// decode decodes line, of which source is a copy, into an empty event.
func (d *lineDecoder) decode(line []byte, source string, e *ResourceEvent) error {
	line = line[:len(line):len(line)]
	d.jx.ResetBytes(line)
	d.line, d.source = line, source
	err := d.jx.ObjBytes(func(_ *jx.Decoder, key []byte) error {
		if err := d.field(e, key); err != nil {
			return &fieldError{field: string(key), err: err}
		}
		return nil
	})
	if err != nil {
		var fe *fieldError
		if errors.As(err, &fe) {
			return fe
		}
		return errors.New("not a JSON object")
	}
	return onlySpace(&d.jx)
}

// onlySpace reports whether only white space follows the value just read. Only the end
// of the input is io.EOF; an end inside a value is another error.
func onlySpace(d *jx.Decoder) error {
	if err := d.Skip(); !errors.Is(err, io.EOF) {
		return errors.New("text after the JSON object")
	}
	return nil
}

// fieldError hides the parser's error text, which quotes its input.
type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string {
	name := e.field[:min(len(e.field), maxInterned)]
	var p *problem
	if errors.As(e.err, &p) {
		return fmt.Sprintf("field %q: %s", name, p.text)
	}
	return fmt.Sprintf("field %q: malformed JSON or of the wrong type", name)
}

func (e *fieldError) Unwrap() error { return e.err }

type problem struct{ text string }

func (p *problem) Error() string { return p.text }

func (d *lineDecoder) field(e *ResourceEvent, key []byte) (err error) {
	if d.jx.Next() == jx.Null {
		return d.jx.Null()
	}
	if column := e.nameColumn(key); column != nil {
		*column, err = d.name()
		return err
	}
	switch string(key) {
	case "event_id":
		e.EventID, err = d.id()
	case "ts":
		e.TS, err = d.time()
	case "period_end":
		e.PeriodEnd, err = d.time()
	case "observed_at":
		e.ObservedAt, err = d.time()
	case "arn":
		e.ARN, err = d.text()
	case "resource_id":
		e.ResourceID, err = d.text()
	case "resource_name":
		e.ResourceName, err = d.text()
	case "cost_amount":
		e.CostAmount, err = d.amount()
	case "usage_quantity":
		e.UsageQuantity, err = d.amount()
	case "metric_value":
		e.MetricValue, err = d.float()
	case "ancestors":
		d.ancestors = d.ancestors[:0]
		err = d.jx.Arr(func(*jx.Decoder) error {
			s, err := d.name()
			d.ancestors = append(d.ancestors, s)
			return err
		})
		e.Ancestors = keep(&d.arena.texts, d.ancestors)
	case "relations":
		d.relations = d.relations[:0]
		err = d.jx.Arr(func(*jx.Decoder) error {
			r, err := d.relation()
			d.relations = append(d.relations, r)
			return err
		})
		e.Relations = keep(&d.arena.relations, d.relations)
	case "tags":
		e.Tags, err = d.pairs()
	case "properties":
		e.Properties, err = d.pairs()
	default:
		err = d.jx.Skip()
	}
	return err
}

// nameColumn returns the column of a text that recurs across events, nil if key is another.
func (e *ResourceEvent) nameColumn(key []byte) *string {
	switch string(key) {
	case "event_type":
		return &e.EventType
	case "source":
		return &e.Source
	case "platform":
		return &e.Platform
	case "account_id":
		return &e.AccountID
	case "account_role":
		return &e.AccountRole
	case "region":
		return &e.Region
	case "service":
		return &e.Service
	case "resource_type":
		return &e.ResourceType
	case "marqo_customer":
		return &e.MarqoCustomer
	case "marqo_cluster":
		return &e.MarqoCluster
	case "marqo_index":
		return &e.MarqoIndex
	case "actor":
		return &e.Actor
	case "state":
		return &e.State
	case "error_code":
		return &e.ErrorCode
	case "currency":
		return &e.Currency
	case "usage_unit":
		return &e.UsageUnit
	}
	return nil
}

// name decodes a string that recurs across the events of a pack.
func (d *lineDecoder) name() (string, error) {
	b, err := d.jx.StrBytes()
	if err != nil {
		return "", err
	}
	return d.intern(b), nil
}

func (d *lineDecoder) intern(b []byte) string {
	if len(b) > maxInterned || d.names == nil {
		return d.cut(b)
	}
	if s, ok := d.names[string(b)]; ok {
		return s
	}
	if len(d.names) == maxNames {
		clear(d.names)
	}
	s := string(b)
	d.names[s] = s
	return s
}

// text decodes a string that does not recur.
func (d *lineDecoder) text() (string, error) {
	b, err := d.jx.StrBytes()
	if err != nil {
		return "", err
	}
	return d.cut(b), nil
}

// cut returns b as a string. It copies nothing if b is part of the line, which it is
// unless it was escaped. A subslice of the line ends where the line's capacity ends, so
// its capacity gives its offset.
func (d *lineDecoder) cut(b []byte) string {
	if at := len(d.line) - cap(b); len(b) > 0 && at >= 0 && &d.line[at] == &b[0] {
		return d.source[at : at+len(b)]
	}
	return string(b)
}

func (d *lineDecoder) id() (uuid.UUID, error) {
	b, err := d.jx.StrBytes()
	if err != nil {
		return uuid.Nil, err
	}
	id, err := uuid.ParseBytes(b)
	if err != nil || len(b) != 36 {
		return uuid.Nil, &problem{"not a UUID of 36 characters"}
	}
	return id, nil
}

func (d *lineDecoder) time() (time.Time, error) {
	b, err := d.jx.StrBytes()
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339Nano, string(b))
	// Go accepts a comma before the decimals, RFC 3339 does not.
	if err != nil || bytes.IndexByte(b, ',') >= 0 {
		return time.Time{}, &problem{"not an RFC 3339 time"}
	}
	return t.UTC(), nil
}

// amount accepts a string, or a number for hand-written events; both are exact.
func (d *lineDecoder) amount() (decimal.NullDecimal, error) {
	var b []byte
	var err error
	if d.jx.Next() == jx.String {
		b, err = d.jx.StrBytes()
	} else {
		b, err = d.number()
	}
	if err != nil {
		return decimal.NullDecimal{}, err
	}
	v, err := ParseAmount(string(b))
	if err != nil {
		return decimal.NullDecimal{}, &problem{err.Error()}
	}
	return decimal.NullDecimal{Decimal: v, Valid: true}, nil
}

// float uses strconv: jx's own parser is off by a bit for some numbers of 16 digits and
// more.
func (d *lineDecoder) float() (*float64, error) {
	b, err := d.number()
	if err != nil {
		return nil, err
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return nil, &problem{"not a number a double holds"}
	}
	return &f, nil
}

func (d *lineDecoder) number() ([]byte, error) {
	if d.jx.Next() != jx.Number {
		return nil, &problem{"not a number"}
	}
	return d.jx.Raw()
}

func (d *lineDecoder) relation() (Relation, error) {
	var r Relation
	err := d.jx.ObjBytes(func(_ *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "type":
			r.Type, err = d.name()
		case "target_arn":
			r.TargetARN, err = d.text()
		default:
			err = d.jx.Skip()
		}
		return err
	})
	return r, err
}

func (d *lineDecoder) pairs() (Pairs, error) {
	d.pair = d.pair[:0]
	err := d.jx.ObjBytes(func(_ *jx.Decoder, key []byte) error {
		k := d.intern(key)
		v, err := d.text()
		d.pair = append(d.pair, Pair{k, v})
		return err
	})
	return keep(&d.arena.pairs, Pairs(d.pair).normalise()), err
}

// arena holds the lists of a pack's events in a few large slices.
type arena struct {
	pairs     []Pair
	texts     []string
	relations []Relation
}

// reset empties the arena and keeps its memory.
func (a *arena) reset() {
	clear(a.pairs)
	clear(a.texts)
	clear(a.relations)
	a.pairs, a.texts, a.relations = a.pairs[:0], a.texts[:0], a.relations[:0]
}

// keep copies list into piece, or into a larger piece if there is no room. It returns
// nil for an empty list.
func keep[T any](piece *[]T, list []T) []T {
	if len(list) == 0 {
		return nil
	}
	at := len(*piece)
	if cap(*piece)-at < len(list) {
		*piece = make([]T, 0, max(len(list), 2*cap(*piece)))
		at = 0
	}
	*piece = append(*piece, list...)
	return (*piece)[at:len(*piece):len(*piece)]
}
