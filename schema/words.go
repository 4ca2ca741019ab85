package schema

import "github.com/ClickHouse/ch-go/proto"

// words is LowCardinality(String). Its values mostly repeat the one before, or
// follow each other as they did before, as the keys of a map do: both are told
// without a look-up, and the same text in the same memory without reading it.
type words struct {
	proto.ColLowCardinalityRaw
	index proto.ColStr
	// known are the values of the dictionary, and at where each stands in it.
	known []string
	at    map[string]uint32
	// next is what followed each the last time.
	next []uint32
	keys []uint32
	last uint32
}

var (
	_ proto.ColumnOf[string] = (*words)(nil)
	_ proto.Preparable       = (*words)(nil)
)

func newWords() *words {
	w := &words{at: make(map[string]uint32)}
	w.Index = &w.index
	return w
}

// Append adds a row.
func (w *words) Append(s string) {
	w.keys = append(w.keys, w.key(s))
}

func (w *words) key(s string) uint32 {
	if len(w.known) > 0 {
		if w.known[w.last] == s {
			return w.last
		}
		if next := w.next[w.last]; w.known[next] == s {
			w.last = next
			return next
		}
	}
	k, ok := w.at[s]
	if !ok {
		k = uint32(len(w.known))
		w.at[s] = k
		w.known, w.next = append(w.known, s), append(w.next, 0)
		w.index.Append(s)
	}
	w.next[w.last], w.last = k, k
	return k
}

// AppendArr adds rows.
func (w *words) AppendArr(all []string) {
	for _, s := range all {
		w.Append(s)
	}
}

// Row is the i-th value.
func (w *words) Row(i int) string { return w.known[w.keys[i]] }

// Rows is how many there are.
func (w *words) Rows() int { return len(w.keys) }

// Reset empties w for reuse.
func (w *words) Reset() {
	w.ColLowCardinalityRaw.Reset()
	clear(w.known)
	clear(w.at)
	w.known, w.next, w.keys, w.last = w.known[:0], w.next[:0], w.keys[:0], 0
}

// Prepare writes the keys as narrow as the dictionary allows.
func (w *words) Prepare() error {
	switch n := len(w.known); {
	case n <= 1<<8:
		w.Key = proto.KeyUInt8
		w.Keys8 = narrow(w.Keys8, w.keys)
	case n <= 1<<16:
		w.Key = proto.KeyUInt16
		w.Keys16 = narrow(w.Keys16, w.keys)
	default:
		w.Key = proto.KeyUInt32
		w.Keys32 = narrow(w.Keys32, w.keys)
	}
	return nil
}

func narrow[C ~[]T, T uint8 | uint16 | uint32](dst C, keys []uint32) C {
	dst = dst[:0]
	for _, k := range keys {
		dst = append(dst, T(k))
	}
	return dst
}
