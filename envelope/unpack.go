package envelope

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-faster/jx"
	"github.com/klauspost/compress/zstd"
)

// What is wrong with a message that is no good pack. Every error of Decode
// matches one of them.
var (
	// ErrMalformed: not a pack: its JSON, base64, zstd or shape.
	ErrMalformed = errors.New("malformed pack")
	// ErrCorrupt: a pack whose content does not match its batch_id or count.
	ErrCorrupt = errors.New("corrupt pack")
	// ErrVersion: a wire version newer than this package.
	ErrVersion = errors.New("unsupported pack version")
	// ErrTooLarge: beyond the bounds of decoding.
	ErrTooLarge = errors.New("pack too large")
)

// Pack is a decoded message.
type Pack struct {
	Version int
	BatchID string
	Source  string
	Lines   []Line
}

// Line is one event of a pack.
type Line struct {
	// Raw is the event's bytes as they stood in the pack. It may be part of the
	// body given to Decode.
	Raw []byte
	// Event is decoded, and not yet validated; meaningless when Err is set.
	Event ResourceEvent
	// Err says why Raw does not decode. It does not concern the other lines.
	Err error
}

// Decoder reads packs. It reuses its buffers and is not safe for concurrent
// use; the packs it returns stay valid as long as their bodies are left alone.
type Decoder struct {
	bounds Bounds
	zstd   *zstd.Decoder
	line   lineDecoder
}

// NewDecoder makes a Decoder with those bounds.
func NewDecoder(b Bounds) (*Decoder, error) {
	z, err := newZstdDecoder(b)
	if err != nil {
		return nil, fmt.Errorf("making the zstd decoder: %w", err)
	}
	return &Decoder{bounds: b, zstd: z, line: lineDecoder{names: make(map[string]string, 64)}}, nil
}

// Decode reads a message body. An error matches one of the Err values above and
// concerns the whole message; what is wrong with a single event is on its Line.
func (d *Decoder) Decode(body []byte) (*Pack, error) {
	if len(body) > d.bounds.MaxBody {
		return nil, fmt.Errorf("%w: message of %d bytes, more than %d", ErrTooLarge, len(body), d.bounds.MaxBody)
	}
	h, err := readHeader(body)
	if err != nil {
		return nil, err
	}
	if h.count > d.bounds.MaxEvents {
		return nil, fmt.Errorf("%w: %d events, more than %d", ErrTooLarge, h.count, d.bounds.MaxEvents)
	}
	var raw [][]byte
	switch h.encoding {
	case encodingJSON:
		raw, err = elements(h.events, h.count)
	case encodingZstd:
		var all []byte
		if all, err = d.decompress(h.events); err == nil {
			raw, err = splitLines(all, h.count)
		}
	default:
		err = fmt.Errorf("%w: unknown encoding", ErrMalformed)
	}
	if err != nil {
		return nil, err
	}
	if len(raw) != h.count {
		return nil, fmt.Errorf("%w: %d events where count says %d", ErrCorrupt, len(raw), h.count)
	}
	if batchID(h.source, raw) != h.batchID {
		return nil, fmt.Errorf("%w: content does not match batch_id", ErrCorrupt)
	}
	p := &Pack{Version: h.version, BatchID: h.batchID, Source: h.source, Lines: make([]Line, len(raw))}
	for i, r := range raw {
		l := &p.Lines[i]
		l.Raw = r
		l.Event, l.Err = d.line.decode(r, string(r))
	}
	return p, nil
}

// elements takes the raw elements of a JSON array.
func elements(events []byte, count int) ([][]byte, error) {
	// An element takes two bytes at least: count is foreign.
	raw := make([][]byte, 0, min(count, len(events)/2))
	err := jx.DecodeBytes(events).Arr(func(dec *jx.Decoder) error {
		if len(raw) == count {
			return errMoreEvents
		}
		r, err := dec.Raw()
		raw = append(raw, r[:len(r):len(r)])
		return err
	})
	switch {
	case errors.Is(err, errMoreEvents):
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, errMoreEvents)
	case err != nil:
		return nil, fmt.Errorf("%w: events is not a JSON array", ErrMalformed)
	}
	return raw, nil
}

var errMoreEvents = errors.New("more events than count says")

// splitLines takes the lines of decompressed events; each ends with a line
// feed.
func splitLines(all []byte, count int) ([][]byte, error) {
	raw := make([][]byte, 0, min(count, len(all)))
	for len(all) > 0 {
		if len(raw) == count {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, errMoreEvents)
		}
		line, rest, found := bytes.Cut(all, []byte{'\n'})
		if !found {
			return nil, fmt.Errorf("%w: the last line has no end", ErrCorrupt)
		}
		raw, all = append(raw, line[:len(line):len(line)]), rest
	}
	return raw, nil
}
