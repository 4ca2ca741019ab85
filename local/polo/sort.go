package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/klauspost/compress/gzip"

	"polo/producers/cur"
	"polo/producers/inventory"
	"polo/producers/tree"
)

// sorted are the files of an input by kind.
type sorted struct {
	tree  tree.Tree
	names map[string][]string
	kinds map[string]string // of each file
}

func (s *sorted) only(kind string) func(string) bool {
	return func(name string) bool { return s.kinds[name] == kind }
}

// sort looks at every file's beginning.
func (c *ingestCmd) sort(ctx context.Context) (*sorted, error) {
	t, err := tree.Open(ctx, c.Input)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", c.Input, err)
	}
	objects, err := t.List(ctx, "")
	if err == nil && len(objects) == 0 {
		err = fmt.Errorf("%w: nothing is in it", tree.ErrNoInput)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading %s: %w", c.Input, err), t.Close())
	}
	s := &sorted{tree: t, names: map[string][]string{}, kinds: map[string]string{}}
	for _, o := range objects {
		k := c.Source
		if k == "auto" {
			k = kindOf(o.Name, head(ctx, t, o.Name))
		}
		s.names[k], s.kinds[o.Name] = append(s.names[k], o.Name), k
	}
	return s, nil
}

// headSize is how much of a file is looked at, in bytes.
const headSize = 64 << 10

// head is a file's beginning. One that cannot be read has none: whoever reads it says
// why.
func head(ctx context.Context, t tree.Tree, name string) []byte {
	in, err := t.Open(ctx, name)
	if err != nil {
		return nil
	}
	defer func() { _ = in.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(in, headSize))
	if err != nil {
		return nil
	}
	return data
}

// kindOf tells a file's kind. Whatever is none of the others goes to the reader of logs,
// which says what it cannot read.
func kindOf(name string, head []byte) string {
	if cur.Sniff(name, head) {
		return kindBill
	}
	text := unpacked(head)
	has := func(word string) bool { return bytes.Contains(text, []byte(word)) }
	service, call, named := inventory.CallOfFile(path.Base(name))
	switch {
	case has(`"ResultsByTime"`):
		return kindRecorded
	case has(`"eventTime"`) && has(`"eventSource"`), has(`"detail-type"`), service == "cloudtrail" && call == "LookupEvents":
		return kindCloudTrail
	case named:
		return kindRecorded
	}
	return kindCloudTrail
}

// unpacked is a gzipped beginning, unpacked as far as it goes.
func unpacked(head []byte) []byte {
	if !bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		return head
	}
	z, err := gzip.NewReader(bytes.NewReader(head))
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(z, 4*headSize))
	if err != nil && len(text) == 0 {
		return nil
	}
	return text
}
