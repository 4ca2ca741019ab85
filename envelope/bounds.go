package envelope

// Bounds limit what decoding a foreign message may cost.
type Bounds struct {
	// MaxBody bounds the message, MaxRaw its events once decompressed, in bytes.
	MaxBody, MaxRaw int
	// MaxEvents bounds the number of events.
	MaxEvents int
	// MaxRatio bounds how many times larger than their zstd frame the events of
	// a pack may be, beyond the first freeRaw bytes; 0 is no bound.
	MaxRatio int
}

// freeRaw bytes of events are allowed however small their frame is.
const freeRaw = 1 << 20

// maxRaw is how large the events of a frame of that many bytes may be.
func (b Bounds) maxRaw(frame int) int {
	if b.MaxRatio <= 0 || frame > b.MaxRaw/b.MaxRatio {
		return b.MaxRaw
	}
	return min(b.MaxRaw, max(freeRaw, b.MaxRatio*frame))
}

// DefaultBounds are what consumers decode with and what EncodePacks stays
// within: a message is at most 1 MiB on SQS, and its events at most 64 times
// that.
func DefaultBounds() Bounds {
	return Bounds{MaxBody: 1 << 20, MaxRaw: 64 << 20, MaxEvents: 100_000, MaxRatio: 1000}
}
