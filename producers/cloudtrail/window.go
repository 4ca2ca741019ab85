package cloudtrail

import (
	"errors"
	"io"
)

// window is a growing view of a stream: what was read and is not yet used.
type window struct {
	r    io.Reader
	buf  []byte
	from int   // the first unused byte of buf
	base int64 // the stream's offset of buf[0]
	err  error // the stream's end, io.EOF or worse
	full int   // the most unused bytes held
}

// readSize is how much is asked of the stream at once.
const readSize = 256 << 10

// unused is what the window shows.
func (w *window) unused() []byte { return w.buf[w.from:] }

// offset is where in the stream unused begins.
func (w *window) offset() int64 { return w.base + int64(w.from) }

// use moves the window's start on.
func (w *window) use(n int) { w.from += n }

// more reads on and reports whether unused grew: twofold, where the stream goes on, for whoever
// asks looks at all of it anew. Bytes handed out before stay as they are: a new buffer is begun
// rather than the old one moved.
func (w *window) more() bool {
	before := len(w.unused())
	if w.err != nil || before >= w.full {
		return false
	}
	wanted := min(max(2*before, before+1), w.full)
	if cap(w.buf)-len(w.buf) < max(readSize/4, wanted-before) {
		rest := w.unused()
		buf := make([]byte, len(rest), max(readSize, wanted+readSize/2))
		copy(buf, rest)
		w.base += int64(w.from)
		w.buf, w.from = buf, 0
	}
	for w.err == nil && len(w.unused()) < wanted {
		var n int
		n, w.err = w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
	}
	return len(w.unused()) > before
}

// space passes whitespace and shows the next byte; ok is false at the end.
func (w *window) space() (ch byte, ok bool) {
	for {
		rest := w.unused()
		for i, ch := range rest {
			if ch != ' ' && ch != '\n' && ch != '\r' && ch != '\t' {
				w.use(i)
				return ch, true
			}
		}
		w.use(len(rest))
		if !w.more() {
			return 0, false
		}
	}
}

// failed is the stream's error, unless it simply ended.
func (w *window) failed() error {
	if w.err == nil || errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
}
