package channel

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// File appends a line of JSON for each message to a file: the channel of a stack on one machine.
type File struct {
	path string
	mu   sync.Mutex
}

// NewFile returns a channel to a file. Its path must be absolute.
func NewFile(path string) (*File, error) {
	if !filepath.IsAbs(path) {
		return nil, errors.New("file: the path is not absolute")
	}
	return &File{path: path}, nil
}

// Send implements Channel.
func (f *File) Send(_ context.Context, m Message) error {
	line, err := json.Marshal(document(m))
	if err != nil {
		return &Error{Channel: "file", Permanent: true, Err: err}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	to, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return &Error{Channel: "file", Err: err}
	}
	line = append(line, '\n')
	if !endsLine(to) { // an earlier write was cut off; this message is not to be lost with it
		line = append([]byte{'\n'}, line...)
	}
	_, err = to.Write(line)
	if err = errors.Join(err, to.Close()); err != nil {
		return &Error{Channel: "file", Unknown: true, Err: err}
	}
	return nil
}

// endsLine reports whether a file is empty or ends with a line end; so does one that cannot be read back.
func endsLine(f *os.File) bool {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil || end == 0 {
		return true
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, end-1)
	return err != nil || last[0] == '\n'
}
