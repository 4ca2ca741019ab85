package ingest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"polo/producers/tree"
)

// maxFile bounds a file, unpacked, in bytes.
const maxFile = 32 << 20

// read returns a file's content, and with an error what could be read of it.
func read(ctx context.Context, t tree.Tree, name string) (data []byte, err error) {
	in, err := t.Open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", err)
	}
	defer func() { _ = in.Close() }() // nothing was written
	packed := bufio.NewReader(in)
	var plain io.Reader = packed
	if magic, _ := packed.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if plain, err = tree.Gunzip(packed); err != nil {
			return nil, fmt.Errorf("unpacking the file: %w", err)
		}
	}
	data, err = io.ReadAll(io.LimitReader(plain, maxFile+1))
	switch {
	case err != nil:
		return data, fmt.Errorf("reading the file: %w", err)
	case len(data) > maxFile:
		return data, fmt.Errorf("reading the file: more than %d bytes; give them in several files", maxFile)
	case len(data) == 0:
		return data, errors.New("reading the file: empty")
	}
	return data, nil
}
