package envelope

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/go-faster/jx"
	"github.com/klauspost/compress/zstd"
)

// zstdEncoder is shared: EncodeAll is safe for concurrent use. Its level makes packs a ninth
// smaller than the fastest, which saves more of what SQS bills than it takes of a processor.
var zstdEncoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithEncoderCRC(true))
})

// newZstdDecoder makes a decoder that writes no further than the buffer it is
// given.
func newZstdDecoder(b Bounds) (*zstd.Decoder, error) {
	return zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxMemory(uint64(max(b.MaxRaw, 0))),
		zstd.WithDecodeAllCapLimit(true))
}

const (
	// frameSlack is what the decompressor likes to have beyond the content.
	frameSlack = 16
	// anyWindow is the window every frame may have, RFC 8878 section 3.1.1.1.2; a
	// larger one needs content to match.
	anyWindow = 8 << 20
)

// decompress takes the events, a JSON string, out of base64 and zstd. What it
// allocates is within the bounds for that many compressed bytes, whatever the
// frame says of itself.
func (d *Decoder) decompress(events, dst []byte) ([]byte, error) {
	text, err := jx.DecodeBytes(events).StrBytes()
	if err != nil {
		return nil, fmt.Errorf("%w: events is not a string", ErrMalformed)
	}
	d.packed = slices.Grow(d.packed[:0], base64.StdEncoding.DecodedLen(len(text)))
	packed := d.packed[:cap(d.packed)]
	n, err := base64.StdEncoding.Strict().Decode(packed, text)
	if err != nil {
		return nil, fmt.Errorf("%w: events is not base64", ErrMalformed)
	}
	packed = packed[:n]
	var frame zstd.Header
	if err := frame.Decode(packed); err != nil || frame.Skippable || frame.DictionaryID != 0 {
		return nil, fmt.Errorf("%w: events is not zstd", ErrMalformed)
	}
	limit := d.bounds.maxRaw(n)
	tooDense := fmt.Errorf("%w: %d bytes of zstd for more than %d", ErrTooLarge, n, limit)
	if frame.FrameContentSize > uint64(limit) || frame.WindowSize > uint64(max(limit, anyWindow)) {
		return nil, tooDense
	}
	var all []byte
	if frame.HasFCS {
		all, err = d.zstd.DecodeAll(packed, room(dst, int(frame.FrameContentSize)+frameSlack))
	} else {
		all, err = d.stream(packed, limit)
	}
	switch {
	case errors.Is(err, errLong), err == nil && len(all) > limit:
		return nil, tooDense
	case err != nil:
		// It begins as a frame and does not go on as one: it was one once.
		return nil, fmt.Errorf("%w: the zstd frame is damaged", ErrCorrupt)
	}
	return all, nil
}

// room is dst, empty and with capacity for exactly n bytes.
func room(dst []byte, n int) []byte {
	if cap(dst) < n {
		dst = make([]byte, 0, n)
	}
	return dst[:0:n]
}

// errLong tells that a frame holds more than it may.
var errLong = errors.New("more than the limit")

// stream decompresses a frame that does not state its size: once to measure it, no
// further than the limit, and once into as much memory as that takes, so that a frame
// which holds too much takes none. Polo's own packs state theirs; this is the slower way.
func (d *Decoder) stream(packed []byte, limit int) ([]byte, error) {
	size, err := d.each(packed, io.Discard, limit)
	switch {
	case err != nil:
		return nil, err
	case size > limit:
		return nil, errLong
	}
	out := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	_, err = d.each(packed, out, limit)
	return out.Bytes(), err
}

// each decompresses a frame into w, up to one byte after the limit.
func (d *Decoder) each(packed []byte, w io.Writer, limit int) (int, error) {
	if err := d.zstd.Reset(bytes.NewReader(packed)); err != nil {
		return 0, err
	}
	n, err := io.Copy(w, io.LimitReader(d.zstd, int64(limit)+1))
	// A stream left half-way would keep the one decoder that DecodeAll waits for.
	return int(n), errors.Join(err, d.zstd.Reset(nil))
}
