package tree

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// ErrTooLarge means that a file has more bytes than may be read.
var ErrTooLarge = errors.New("too large")

// ReadFile returns a file's content, gzip unpacked, of at most so many bytes: ErrTooLarge means that it
// has more. With an error it returns what could be read.
func ReadFile(ctx context.Context, t Tree, name string, most int) (data []byte, err error) {
	in, err := t.Open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", err)
	}
	defer func() { _ = in.Close() }() // nothing was written
	packed := bufio.NewReader(in)
	var plain io.Reader = packed
	if magic, _ := packed.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if plain, err = Gunzip(packed); err != nil {
			return nil, fmt.Errorf("unpacking the file: %w", err)
		}
	}
	data, err = io.ReadAll(io.LimitReader(plain, int64(most)+1))
	switch {
	case err != nil:
		return data, fmt.Errorf("reading the file: %w", err)
	case len(data) > most:
		return data, ErrTooLarge
	case len(data) == 0:
		return data, errors.New("reading the file: empty")
	}
	return data, nil
}
