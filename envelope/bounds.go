package envelope

// Bounds limit the cost of decoding an untrusted message.
type Bounds struct {
	// MaxBody bounds the message, MaxRaw its decompressed events, in bytes.
	MaxBody, MaxRaw int
	// MaxEvents bounds the number of events.
	MaxEvents int
	// MaxRatio bounds the compression ratio of a pack's events beyond the first freeRaw
	// bytes; 0 is no bound.
	MaxRatio int
}

// freeRaw bytes of events are allowed at any compression ratio.
const freeRaw = 1 << 20

// maxRaw returns the limit on the decompressed size of a frame, in bytes.
func (b Bounds) maxRaw(frame int) int {
	if b.MaxRatio <= 0 || frame > b.MaxRaw/b.MaxRatio {
		return b.MaxRaw
	}
	return min(b.MaxRaw, max(freeRaw, b.MaxRatio*frame))
}

// DefaultBounds are what consumers decode with and what EncodePacks stays within: SQS
// allows 1 MiB a message, and the events may be 64 times that.
func DefaultBounds() Bounds {
	return Bounds{MaxBody: 1 << 20, MaxRaw: 64 << 20, MaxEvents: 100_000, MaxRatio: 1000}
}
