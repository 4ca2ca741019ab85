package channel

import (
	"context"
	"encoding/json"
	"errors"
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
func (f *File) Send(_ context.Context, m Message) (err error) {
	line, err := json.Marshal(document(m))
	if err != nil {
		return &Error{Channel: "file", Permanent: true, Err: err}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	to, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = to.Write(append(line, '\n'))
		err = errors.Join(err, to.Close())
	}
	if err != nil {
		return &Error{Channel: "file", Unknown: true, Err: err}
	}
	return nil
}
