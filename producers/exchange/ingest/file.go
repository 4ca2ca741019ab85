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

// maxFile bounds a file, unpacked, in bytes; maxValues bounds a file in JSON values, each of
// which takes some hundred bytes of memory.
const (
	maxFile   = 64 << 20
	maxValues = 1_500_000
)

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
		return data, fmt.Errorf("reading the file: more than %d bytes", maxFile)
	case len(data) == 0:
		return data, errors.New("reading the file: empty")
	case values(data) > maxValues:
		return data, fmt.Errorf("reading the file: more than %d values; give them in several files", maxValues)
	}
	return data, nil
}

// values counts the JSON values in a text, valid JSON or not, without the names of members.
func values(text []byte) (n int) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case quoted && ch == '\\':
			i++
		case ch == '"':
			quoted = !quoted
		case !quoted && (ch == ',' || ch == '[' || ch == '{'):
			n++
		}
	}
	return n
}
