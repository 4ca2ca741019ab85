package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"github.com/go-faster/jx"
	"github.com/klauspost/compress/zstd"
)

// Errors about a whole message. Every error of Decode matches exactly one of them.
var (
	// ErrMalformed: not a pack, by its JSON, base64, zstd or shape.
	ErrMalformed = errors.New("malformed pack")
	// ErrCorrupt: a pack whose content does not match its batch_id or count.
	ErrCorrupt = errors.New("corrupt pack")
	// ErrVersion: a wire version newer than this package.
	ErrVersion = errors.New("unsupported pack version")
	// ErrTooLarge: beyond the decoder's Bounds.
	ErrTooLarge = errors.New("pack too large")
)

// Pack is a decoded message.
type Pack struct {
	Version int
	BatchID string
	Source  string
	Lines   []Line

	raw   []byte // decompressed
	arena arena
}

// Line is one event of a pack.
type Line struct {
	// Raw is the event's bytes as in the pack. It may alias the body given to Decode.
	Raw []byte
	// Event is decoded but not validated; meaningless if Err is set.
	Event ResourceEvent
	// Err says why Raw does not decode. It does not affect the other lines.
	Err error
}

// Decoder decodes packs. It reuses its buffers and is not safe for concurrent use. A
// pack stays valid until its body changes or another is decoded into it.
type Decoder struct {
	bounds Bounds
	zstd   *zstd.Decoder
	line   lineDecoder
	packed []byte // decoded from base64
}

// NewDecoder returns a Decoder that enforces b.
func NewDecoder(b Bounds) (*Decoder, error) {
	z, err := newZstdDecoder(b)
	if err != nil {
		return nil, fmt.Errorf("making the zstd decoder: %w", err)
	}
	return &Decoder{bounds: b, zstd: z, line: lineDecoder{names: make(map[string]string, 64)}}, nil
}

// Decode decodes a message body. An error matches one of the Err values above and
// concerns the whole message; an error of a single event is in its Line.
func (d *Decoder) Decode(body []byte) (*Pack, error) {
	p := &Pack{}
	if err := d.DecodeInto(p, body); err != nil {
		return nil, err
	}
	return p, nil
}

// DecodeInto is Decode into the memory of a pack that is no longer needed: it
// overwrites every event of p. After an error p is empty.
func (d *Decoder) DecodeInto(p *Pack, body []byte) error {
	p.Reset()
	h, raw, text, err := d.lines(p, body)
	if err != nil {
		return err
	}
	p.Version, p.BatchID, p.Source = h.version, h.batchID, h.source
	p.Lines = slices.Grow(p.Lines, len(raw))[:len(raw)]
	d.line.arena = &p.arena
	for i, r := range raw {
		l := &p.Lines[i]
		*l = Line{Raw: r.data}
		l.Err = d.line.decode(r.data, text[r.at:r.at+len(r.data)], &l.Event)
	}
	return nil
}

// Reset empties p and keeps its memory for DecodeInto.
func (p *Pack) Reset() {
	clear(p.Lines)
	p.arena.reset()
	*p = Pack{Lines: p.Lines[:0], raw: p.raw[:0], arena: p.arena}
}

// Held returns roughly how many bytes of memory p keeps for DecodeInto, after an error
// too.
func (p *Pack) Held() int { return cap(p.raw) + cap(p.Lines)*int(unsafe.Sizeof(Line{})) }

// rawLine is one event's bytes and their offset in all the events.
type rawLine struct {
	data []byte
	at   int
}

// lines checks the message and splits it into events. text is a copy of all of them,
// from which strings are cut.
func (d *Decoder) lines(p *Pack, body []byte) (h header, raw []rawLine, text string, err error) {
	if len(body) > d.bounds.MaxBody {
		return h, nil, "", fmt.Errorf("%w: message of %d bytes, more than %d", ErrTooLarge, len(body), d.bounds.MaxBody)
	}
	if h, err = readHeader(body); err != nil {
		return h, nil, "", err
	}
	if h.count > d.bounds.MaxEvents {
		return h, nil, "", fmt.Errorf("%w: %d events, more than %d", ErrTooLarge, h.count, d.bounds.MaxEvents)
	}
	all := h.events
	switch h.encoding {
	case encodingJSON:
		raw, err = elements(all, h.count)
	case encodingZstd:
		if all, err = d.decompress(h.events, p.raw); err == nil {
			p.raw = all
			raw, err = splitLines(all, h.count)
		}
	default:
		err = fmt.Errorf("%w: unknown encoding", ErrMalformed)
	}
	if err != nil {
		return h, nil, "", err
	}
	if len(raw) != h.count {
		return h, nil, "", fmt.Errorf("%w: %d events where count says %d", ErrCorrupt, len(raw), h.count)
	}
	if rawBatchID(h.source, raw) != h.batchID { //mutant:content-not-checked
		return h, nil, "", fmt.Errorf("%w: content does not match batch_id", ErrCorrupt)
	}
	return h, raw, string(all), nil
}

// elements returns the raw elements of a JSON array.
func elements(events []byte, count int) ([]rawLine, error) {
	// An element takes at least two bytes; count is untrusted.
	raw := make([]rawLine, 0, min(count, len(events)/2))
	err := jx.DecodeBytes(events).Arr(func(dec *jx.Decoder) error {
		if len(raw) == count {
			return errMoreEvents
		}
		r, err := dec.Raw()
		// A subslice of events ends where its capacity ends, so the capacity gives the
		// offset.
		raw = append(raw, rawLine{r[:len(r):len(r)], cap(events) - cap(r)})
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

// splitLines splits decompressed events into lines; each ends with a line feed.
func splitLines(all []byte, count int) ([]rawLine, error) {
	raw := make([]rawLine, 0, min(count, len(all)))
	for at := 0; len(all) > 0; {
		if len(raw) == count {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, errMoreEvents)
		}
		line, rest, found := bytes.Cut(all, []byte{'\n'})
		if !found {
			return nil, fmt.Errorf("%w: the last line has no line feed", ErrCorrupt)
		}
		raw = append(raw, rawLine{line[:len(line):len(line)], at})
		all, at = rest, at+len(line)+1
	}
	return raw, nil
}
