package producers

import (
	"math"
	"sync/atomic"
)

const (
	// billedBytes is the chunk that SQS bills as one request: one byte more costs another.
	billedBytes = 64 << 10
	// fillChunks is how many chunks a pack should fill. That keeps a poisoned pack small and
	// wastes little of the last chunk.
	fillChunks = 3
	// fillMargin is left free, because packs compress differently well.
	fillMargin = 0.03
	// firstRatio is the compression ratio assumed for the first pack.
	firstRatio = 8
	// minSample bytes of events, or half of a full body, are enough to measure their
	// compression ratio.
	minSample = 64 << 10
)

// fill computes how much JSON makes a body that just fills its billed chunks, from how well
// earlier packs compressed. Safe for concurrent use.
type fill struct {
	body  int
	ratio atomic.Uint64 // bits of a float64: bytes of JSON for one of body; 0 before the first pack
}

func newFill(maxBody int) *fill {
	chunks := min(fillChunks, maxBody/billedBytes)
	if chunks == 0 {
		return &fill{body: maxBody}
	}
	return &fill{body: chunks * billedBytes}
}

// raw returns how many bytes of JSON to pack.
func (f *fill) raw() int {
	ratio := math.Float64frombits(f.ratio.Load())
	if ratio == 0 {
		ratio = firstRatio
	}
	return int(float64(f.body) * (1 - fillMargin) * ratio)
}

// packed records how large the body of some JSON became. Of two concurrent calls one may be
// lost, which is harmless.
func (f *fill) packed(raw, body int) {
	if raw < min(minSample, f.body/2) || body == 0 {
		return
	}
	now := float64(raw) / float64(body)
	if before := math.Float64frombits(f.ratio.Load()); before > 0 {
		now = before + (now-before)/4
	}
	f.ratio.Store(math.Float64bits(now))
}
