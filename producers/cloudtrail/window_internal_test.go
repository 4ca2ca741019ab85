package cloudtrail

import (
	"io"
	"testing"
)

// drops gives a byte for each read.
type drops struct{}

func (drops) Read(p []byte) (int, error) { p[0] = 'a'; return 1, nil }

// TestWindowGrowsTwofold: whoever looks for an end looks at all that is there each time, so that there are few times.
func TestWindowGrowsTwofold(t *testing.T) {
	t.Parallel()
	w := window{r: drops{}, full: 1 << 20}
	times := 0
	for ; w.more(); times++ {
		if n := len(w.unused()); n > w.full {
			t.Fatalf("%d bytes, more than %d", n, w.full)
		}
	}
	if len(w.unused()) != w.full || times > 22 {
		t.Errorf("%d bytes after %d times", len(w.unused()), times)
	}
	w = window{r: io.LimitReader(drops{}, 5), full: 1 << 20}
	for w.more() {
	}
	if string(w.unused()) != "aaaaa" || w.failed() != nil {
		t.Errorf("%q, %v", w.unused(), w.failed())
	}
}
