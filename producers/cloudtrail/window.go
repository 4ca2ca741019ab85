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

// more reads on and tells whether unused grew. Bytes handed out before stay as
// they are: a new buffer is begun rather than the old one moved.
func (w *window) more() bool {
	if w.err != nil || len(w.unused()) >= w.full {
		return false
	}
	if cap(w.buf)-len(w.buf) < readSize/4 {
		rest := w.unused()
		buf := make([]byte, len(rest), max(readSize, 2*len(rest)+readSize/2))
		copy(buf, rest)
		w.base += int64(w.from)
		w.buf, w.from = buf, 0
	}
	for {
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		w.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
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
