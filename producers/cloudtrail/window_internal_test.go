package cloudtrail

import (
	"io"
	"testing"
)

// drops returns one byte per read.
type drops struct{}

func (drops) Read(p []byte) (int, error) { p[0] = 'a'; return 1, nil }

// TestWindowDoubles: callers that look for an end scan the whole window each time, so the
// window must grow in few steps.
func TestWindowDoubles(t *testing.T) {
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
