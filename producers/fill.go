package producers

import (
	"math"
	"sync/atomic"
)

const (
	// billedBytes is what SQS bills as one request: a pack of one byte more costs one more.
	billedBytes = 64 << 10
	// fillChunks is how many of those a pack is to fill: a poisoned pack is so still small,
	// and what is lost on the last one is little.
	fillChunks = 3
	// fillMargin is left free, for packs differ in how well they compress.
	fillMargin = 0.03
	// firstRatio is taken before any pack was made.
	firstRatio = 8
	// telling bytes of events are enough to say how well they compress, or half of what a
	// body holds.
	telling = 64 << 10
)

// fill says how much JSON makes a body that just fills the chunks it is billed for, by how
// well the packs before it compressed. Safe for concurrent use.
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

// raw is how many bytes of JSON to pack.
func (f *fill) raw() int {
	ratio := math.Float64frombits(f.ratio.Load())
	if ratio == 0 {
		ratio = firstRatio
	}
	return int(float64(f.body) * (1 - fillMargin) * ratio)
}

// packed tells how large a body some JSON became, or bodies. Of two told at the same time one
// may be forgotten, which is harmless.
func (f *fill) packed(raw, body int) {
	if raw < min(telling, f.body/2) || body == 0 {
		return
	}
	now := float64(raw) / float64(body)
	if before := math.Float64frombits(f.ratio.Load()); before > 0 {
		now = before + (now-before)/4
	}
	f.ratio.Store(math.Float64bits(now))
}
