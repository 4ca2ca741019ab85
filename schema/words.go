package schema

import "github.com/ClickHouse/ch-go/proto"

// words is LowCardinality(String). Most values repeat the one before, or follow the same value as
// before, like the keys of a map. Both are found without a look-up, and a text at
// the same address is not read again.
type words struct {
	proto.ColLowCardinalityRaw
	index proto.ColStr
	// known are the values of the dictionary; at has the index of each.
	known []string
	at    map[string]uint32
	// next is the index of the value that last followed each.
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

func (w *words) AppendArr(all []string) {
	for _, s := range all {
		w.Append(s)
	}
}

// Row returns the i-th value.
func (w *words) Row(i int) string { return w.known[w.keys[i]] }

// Rows returns the number of rows.
func (w *words) Rows() int { return len(w.keys) }

func (w *words) Reset() {
	w.ColLowCardinalityRaw.Reset()
	clear(w.known)
	clear(w.at)
	w.known, w.next, w.keys, w.last = w.known[:0], w.next[:0], w.keys[:0], 0
}

// Prepare writes the keys in the narrowest width that the dictionary allows.
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
