package cur

import (
	"math/rand/v2"
	"testing"
)

// Every hash is counted, however many there are and however often one comes.
func TestOrdinals(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var o ordinals
	want := map[uint64]uint32{}
	hashes := make([]uint64, 50_000)
	for i := range hashes {
		hashes[i] = r.Uint64()
	}
	hashes[0], hashes[1] = 0, 1<<63
	for range 300_000 {
		h := hashes[r.IntN(len(hashes))]
		want[h]++
		if got := o.next(h); got != want[h] {
			t.Fatalf("hash %x came the %d. time, and is counted as %d", h, want[h], got)
		}
	}
	var many ordinals
	for n := uint32(1); n <= 3<<16; n++ {
		if got := many.next(7); got != n {
			t.Fatalf("one hash came the %d. time, and is counted as %d", n, got)
		}
	}
	size := 0
	for _, s := range o.shards {
		size += 8 * len(s.slots)
	}
	if most := 24 * len(hashes); size > most {
		t.Errorf("%d bytes for %d hashes, more than %d", size, len(hashes), most)
	}
}
