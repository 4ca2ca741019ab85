package envelope

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/go-faster/jx"
)

// header is the message without its events.
type header struct {
	version  int
	batchID  string
	source   string
	count    int
	encoding string
	events   []byte // the raw JSON value
	seen     int    // a bit for each field seen
	twice    bool   // a field was seen more than once
}

func (h *header) see(bit int) {
	h.twice = h.twice || h.seen&bit != 0
	h.seen |= bit
}

const (
	sawV = 1 << iota
	sawBatchID
	sawSource
	sawCount
	sawEncoding
	sawEvents
	sawAll = 1<<iota - 1
)

// readHeader parses the outer object. It judges the version before the shape: a newer
// version may have another shape.
func readHeader(body []byte) (header, error) {
	var h header
	dec := jx.DecodeBytes(body)
	err := dec.ObjBytes(func(dec *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "v":
			var raw jx.Raw
			raw, err = dec.Raw()
			h.version = versionOf(raw)
			h.see(sawV)
		case "batch_id":
			h.batchID, err = text(dec, &h, sawBatchID)
		case "source":
			h.source, err = text(dec, &h, sawSource)
		case "count":
			var raw jx.Raw
			raw, err = dec.Raw()
			if n, problem := strconv.Atoi(string(raw)); problem == nil {
				h.count = n
				h.see(sawCount)
			}
		case "encoding":
			h.encoding, err = text(dec, &h, sawEncoding)
		case "events":
			h.events, err = dec.Raw()
			h.see(sawEvents)
		default:
			err = dec.Skip()
		}
		return err
	})
	if err != nil {
		return header{}, fmt.Errorf("%w: not a JSON object of the pack's shape", ErrMalformed)
	}
	if err := onlySpace(dec); err != nil {
		return header{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	switch {
	case h.seen&sawV == 0 || h.version < 1:
		return header{}, fmt.Errorf("%w: no version", ErrMalformed)
	case h.version > Version: //mutant:version-not-checked
		return header{}, fmt.Errorf("%w: version %d, this consumer reads up to %d", ErrVersion, h.version, Version)
	case h.twice:
		return header{}, fmt.Errorf("%w: a field is given twice", ErrMalformed)
	case h.seen != sawAll:
		return header{}, fmt.Errorf("%w: a field is missing or of the wrong type", ErrMalformed)
	case h.count < 1:
		return header{}, fmt.Errorf("%w: count is below 1", ErrMalformed)
	}
	return h, nil
}

// CountOf returns how many events a message states that it holds; 0 if it is no pack.
func CountOf(body []byte) int {
	h, err := readHeader(body)
	if err != nil {
		return 0
	}
	return h.count
}

// text reads a string. For another type it leaves the field unseen.
func text(dec *jx.Decoder, h *header, bit int) (string, error) {
	if dec.Next() != jx.String {
		return "", dec.Skip()
	}
	h.see(bit)
	return dec.Str()
}

// versionOf parses the version: 0 if it is not a whole number, the greatest int if it
// is too large for one.
func versionOf(raw jx.Raw) int {
	n, err := strconv.Atoi(string(raw))
	switch {
	case err == nil:
		return n
	case errors.Is(err, strconv.ErrRange) && raw[0] != '-':
		return math.MaxInt
	}
	return 0
}
