package tree

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Gunzip decompresses one gzip member after the other. It accepts zeros after the last
// one, which block copies leave behind. The error is that of the first header.
func Gunzip(in *bufio.Reader) (io.Reader, error) {
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	return &members{in: in, z: z}, nil
}

// members reads one gzip member after the other.
type members struct {
	in *bufio.Reader
	z  *gzip.Reader
}

func (m *members) Read(p []byte) (int, error) {
	for {
		n, err := m.z.Read(p)
		if !errors.Is(err, io.EOF) || n > 0 {
			if errors.Is(err, io.EOF) {
				err = nil // the next read returns it
			}
			return n, err
		}
		if err := m.next(); err != nil {
			return 0, err
		}
	}
}

// next moves to the next member, or returns io.EOF.
func (m *members) next() error {
	for {
		ch, err := m.in.ReadByte()
		if err != nil {
			return err
		}
		if ch == 0 {
			continue
		}
		if err := m.in.UnreadByte(); err != nil {
			return err
		}
		if err := m.z.Reset(m.in); err != nil {
			return err
		}
		m.z.Multistream(false)
		return nil
	}
}
