package envelope

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"

	"github.com/klauspost/compress/zstd"
)

// Version is the wire version this package writes, and the newest it reads.
const Version = 1

// Encodings of a pack's events.
const (
	encodingJSON = "json" // a JSON array of events
	encodingZstd = "zstd" // base64 of zstd over one event per line
)

// readableBytes is the largest pack that stays uncompressed, in bytes of JSON. SQS
// bills by 64 KB, so compressing a smaller one saves nothing.
const readableBytes = 16 << 10

// Encoded is one message body.
type Encoded struct {
	Body string
	// BatchID is a hash of the content: the same events give the same id.
	BatchID string
	// First and Count say which of the given lines it holds.
	First, Count int
}

// EncodePacks packs lines, each one event's JSON as AppendJSON writes it, in order into
// message bodies of at most maxBody bytes, within DefaultBounds. It halves lines that
// are too much for one body until they fit. tooLarge holds the indexes of lines that do
// not fit even alone. A line that is empty or holds a line feed is an error; AppendJSON
// never writes one.
func EncodePacks(source string, lines [][]byte, maxBody int) (packs []Encoded, tooLarge []int, err error) {
	for i, l := range lines {
		if len(l) == 0 || bytes.IndexByte(l, '\n') >= 0 {
			return nil, nil, fmt.Errorf("packing line %d: empty, or more than one line", i)
		}
	}
	enc, err := zstdEncoder()
	if err != nil {
		return nil, nil, fmt.Errorf("making the zstd encoder: %w", err)
	}
	p := packer{source: source, lines: lines, maxBody: maxBody, bounds: DefaultBounds(), zstd: enc}
	p.encode(0, len(lines))
	return p.packs, p.tooLarge, nil
}

type packer struct {
	source   string
	lines    [][]byte
	maxBody  int
	bounds   Bounds
	zstd     *zstd.Encoder
	packs    []Encoded
	tooLarge []int
}

func (p *packer) encode(first, end int) {
	if first == end {
		return
	}
	body, id, ok := p.body(p.lines[first:end])
	switch {
	case ok:
		p.packs = append(p.packs, Encoded{Body: string(body), BatchID: id, First: first, Count: end - first})
	case end-first == 1:
		p.tooLarge = append(p.tooLarge, first)
	default:
		mid := first + (end-first)/2
		p.encode(first, mid)
		p.encode(mid, end)
	}
}

// body encodes lines as a message; ok is false if it would exceed the bounds.
func (p *packer) body(lines [][]byte) (body []byte, id string, ok bool) {
	size := 0
	for _, l := range lines {
		size += len(l) + 1
	}
	if len(lines) > p.bounds.MaxEvents || size > p.bounds.MaxRaw {
		return nil, "", false
	}
	id = batchID(p.source, lines)
	if size <= readableBytes {
		dst := p.header(make([]byte, 0, size+len(p.source)+160), id, len(lines), encodingJSON)
		dst = append(dst, '[')
		for i, l := range lines {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, l...)
		}
		dst = append(dst, ']', '}')
		return dst, id, len(dst) <= p.maxBody
	}
	raw := make([]byte, 0, size)
	for _, l := range lines {
		raw = append(append(raw, l...), '\n')
	}
	packed := p.zstd.EncodeAll(raw, make([]byte, 0, size/4))
	if size > p.bounds.maxRaw(len(packed)) {
		return nil, "", false
	}
	dst := make([]byte, 0, base64.StdEncoding.EncodedLen(len(packed))+len(p.source)+160)
	dst = p.header(dst, id, len(lines), encodingZstd)
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, packed)
	dst = append(dst, '"', '}')
	return dst, id, len(dst) <= p.maxBody
}

func (p *packer) header(dst []byte, id string, count int, encoding string) []byte {
	dst = append(dst, `{"v":`...)
	dst = strconv.AppendInt(dst, Version, 10)
	dst = append(dst, `,"batch_id":"`...)
	dst = append(dst, id...)
	dst = append(dst, `","source":`...)
	dst = appendString(dst, p.source)
	dst = append(dst, `,"count":`...)
	dst = strconv.AppendInt(dst, int64(count), 10)
	dst = append(dst, `,"encoding":"`...)
	dst = append(dst, encoding...)
	return append(dst, `","events":`...)
}

// batchID is the first half of SHA-256 over the source and the lines. It detects a pack
// damaged in transit.
func batchID(source string, lines [][]byte) string {
	h := newHash(source)
	for _, l := range lines {
		h.line(l)
	}
	return h.sum()
}

// rawBatchID is batchID for raw lines.
func rawBatchID(source string, lines []rawLine) string {
	h := newHash(source)
	for _, l := range lines {
		h.line(l.data)
	}
	return h.sum()
}

type batchHash struct{ hash.Hash }

func newHash(source string) batchHash {
	h := batchHash{sha256.New()}
	_, _ = h.Write([]byte(source)) // a hash never fails to write
	return h
}

func (h batchHash) line(l []byte) {
	_, _ = h.Write(lineFeed)
	_, _ = h.Write(l)
}

func (h batchHash) sum() string { return hex.EncodeToString(h.Sum(nil)[:16]) }

var lineFeed = []byte{'\n'}
