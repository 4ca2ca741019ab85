package cloudtrail

import (
	"errors"
	"io"
)

// window is a growing view of a stream: the bytes that were read and are not yet used.
type window struct {
	r    io.Reader
	buf  []byte
	from int   // the first unused byte of buf
	base int64 // the stream's offset of buf[0]
	err  error // the stream's error, io.EOF at its end
	full int   // the bound on unused bytes
}

// readSize is the number of bytes of one read.
const readSize = 256 << 10

// unused returns the bytes in the window.
func (w *window) unused() []byte { return w.buf[w.from:] }

// offset returns where in the stream unused begins.
func (w *window) offset() int64 { return w.base + int64(w.from) }

// use moves the window's start on.
func (w *window) use(n int) { w.from += n }

// more reads on and reports whether unused grew. It doubles it if the stream has enough, because
// callers scan all of it again. Bytes returned before stay valid: a new buffer replaces the old
// one.
func (w *window) more() bool {
	before := len(w.unused())
	if w.err != nil || before >= w.full {
		return false
	}
	wanted := min(max(2*before, before+1), w.full) //mutant:window-grows-by-reads
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

// space skips whitespace and returns the next byte; ok is false at the end.
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

// failed returns the stream's error, unless it ended normally.
func (w *window) failed() error {
	if w.err == nil || errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
}
