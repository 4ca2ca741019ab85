package schema

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/google/go-cmp/cmp"
)

// TestWordsEncodeLikeTheLibrary compares bytes with ch-go's own column of the type, for
// dictionaries of every key width, and after reuse.
func TestWordsEncodeLikeTheLibrary(t *testing.T) {
	t.Parallel()
	w := newWords()
	for _, distinct := range []int{0, 1, 2, 40, 256, 257, 65536, 65537} {
		w.Reset()
		want := new(proto.ColStr).LowCardinality()
		random := rand.New(rand.NewPCG(1, uint64(distinct)))
		for i := range 2 * distinct {
			n := i
			if i >= distinct {
				n = random.IntN(distinct)
			}
			s := fmt.Sprint(n)
			for range 1 + random.IntN(2) {
				w.Append(s)
				want.Append(s)
			}
		}
		for range 2 { // a retried insert encodes again
			if got, want := encoded(t, w), encoded(t, want); !cmp.Equal(want, got) {
				t.Fatalf("%d distinct: %d bytes differ from the library's %d", distinct, len(got), len(want))
			}
		}
		for i := range w.Rows() {
			if w.Row(i) != want.Row(i) {
				t.Fatalf("%d distinct: row %d is %q, want %q", distinct, i, w.Row(i), want.Row(i))
			}
		}
	}
}

func encoded(t *testing.T, c interface {
	proto.ColInput
	proto.StateEncoder
	proto.Preparable
},
) []byte {
	t.Helper()
	if err := c.Prepare(); err != nil {
		t.Fatal(err)
	}
	var b proto.Buffer
	c.EncodeState(&b)
	c.EncodeColumn(&b)
	return b.Buf
}
