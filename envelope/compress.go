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
// smaller than the fastest level, which saves more on SQS than it costs in CPU.
var zstdEncoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithEncoderCRC(true))
})

// newZstdDecoder returns a decoder that never writes beyond the buffer it is given.
func newZstdDecoder(b Bounds) (*zstd.Decoder, error) {
	return zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxMemory(uint64(max(b.MaxRaw, 0))),
		zstd.WithDecodeAllCapLimit(true))
}

const (
	// frameSlack is the spare capacity that the decompressor wants beyond the content.
	frameSlack = 16
	// anyWindow is the window that every frame may have, RFC 8878 section 3.1.1.1.2. A
	// larger window needs as much content.
	anyWindow = 8 << 20
)

// decompress decodes the events, a JSON string, from base64 and zstd. It allocates no more
// than the bounds allow for that many compressed bytes, whatever size the frame states.
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
		all, err = d.stream(packed, limit) //mutant:bound-checked-afterwards
	}
	switch {
	case errors.Is(err, errLong), err == nil && len(all) > limit:
		return nil, tooDense
	case err != nil:
		// It begins as a frame, so it was valid once: corrupt, not malformed.
		return nil, fmt.Errorf("%w: the zstd frame is damaged", ErrCorrupt)
	}
	return all, nil
}

// room returns dst, empty and with capacity for exactly n bytes.
func room(dst []byte, n int) []byte {
	if cap(dst) < n {
		dst = make([]byte, 0, n)
	}
	return dst[:0:n]
}

// errLong means that a frame holds more than its limit.
var errLong = errors.New("more than the limit")

// stream decompresses a frame that does not state its size. It decompresses twice: once to
// measure, up to the limit, and once into a buffer of that size, so that a frame that is too
// large allocates none. Polo's own packs state their size and do not come here.
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

// each decompresses a frame into w, up to one byte beyond the limit.
func (d *Decoder) each(packed []byte, w io.Writer, limit int) (int, error) {
	if err := d.zstd.Reset(bytes.NewReader(packed)); err != nil {
		return 0, err
	}
	n, err := io.Copy(w, io.LimitReader(d.zstd, int64(limit)+1))
	// DecodeAll would wait for ever for a decoder left in mid-stream.
	return int(n), errors.Join(err, d.zstd.Reset(nil))
}
