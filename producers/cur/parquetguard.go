package cur

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// The library trusts the sizes that a Parquet file states, and allocates memory before it checks
// them. So the functions here check them first: the footer's, and each page's.

const (
	// maxFooter bounds the footer in bytes. partSize is the least memory that a part of it takes.
	// A bill of 150 columns in 200 row groups has 2 MB and 210,000 parts.
	maxFooter = 16 << 20
	partSize  = 400
	// maxPageHead bounds a page header, which may hold the least and the greatest value, twice
	// each.
	maxPageHead = 5 << 20
	// defaultPages bounds the memory of the pages that are read at once: one per column, and its
	// dictionary.
	defaultPages = 512 << 20
)

var errDamagedParquet = errors.New("damaged Parquet")

// checkFooter returns an error if the footer is damaged or takes more memory than limit.
func checkFooter(in io.ReaderAt, size, limit int64) error {
	const tail = 8 // the footer's length, and PAR1
	var end [tail]byte
	if size < 4+tail {
		return fmt.Errorf("%w: a file of %d bytes is too short", errDamagedParquet, size)
	}
	if _, err := in.ReadAt(end[:], size-tail); err != nil {
		return fmt.Errorf("reading the footer: %w", err)
	}
	length := int64(binary.LittleEndian.Uint32(end[:]))
	if length > size-4-tail || length > maxFooter {
		return fmt.Errorf("%w: a footer of %d bytes, in a file of %d", errDamagedParquet, length, size)
	}
	footer := make([]byte, length)
	if _, err := in.ReadAt(footer, size-tail-length); err != nil {
		return fmt.Errorf("reading the footer: %w", err)
	}
	c := compact{data: footer, limit: int(limit / partSize)}
	c.structure(0, 0, nil)
	if errors.Is(c.err, errLarge) {
		return fmt.Errorf("its footer has more than %d parts: give more memory, or write it with larger row groups", c.limit)
	}
	if c.err != nil {
		return fmt.Errorf("%w: its footer: %w", errDamagedParquet, c.err)
	}
	return nil
}

// pageHead holds the sizes that a page header states.
type pageHead struct {
	length                   int64 // the header's own length
	uncompressed, compressed int64 // bytes
	values                   int64
	levels                   int64 // bytes before the compressed part
	kind                     int64
	uncompressedAll          bool // no part of the page is compressed
}

// Field numbers of a page header.
const (
	headKind, headUncompressed, headCompressed = 1, 2, 3
	headData, headDictionary, headDataV2       = 5, 7, 8
	partValues, partLevels1, partLevels2       = 1, 5, 6
	partCompressed                             = 7
	kindDictionary                             = 2
)

// readPageHead parses a page header.
func readPageHead(data []byte) (pageHead, error) {
	var h pageHead
	c := compact{data: data, limit: len(data)}
	c.structure(0, 0, func(part, field int16, v int64) {
		switch {
		case part == 0 && field == headKind:
			h.kind = v
		case part == 0 && field == headUncompressed:
			h.uncompressed = v
		case part == 0 && field == headCompressed:
			h.compressed = v
		case (part == headData || part == headDictionary || part == headDataV2) && field == partValues:
			h.values = v
		case part == headDataV2 && (field == partLevels1 || field == partLevels2):
			h.levels += v
		case part == headDataV2 && field == partCompressed:
			h.uncompressedAll = v == 0
		}
	})
	h.length = int64(c.at)
	if c.err == nil && (h.uncompressed < 0 || h.compressed < 0 || h.values < 0 || h.levels < 0 || h.levels > h.compressed || h.levels > h.uncompressed) {
		c.err = errors.New("negative or inconsistent sizes")
	}
	return h, c.err
}

// memory returns the memory of a page: its bytes, compressed and not, and for each value its
// dictionary index and its levels.
func (h pageHead) memory() int64 { return h.compressed + h.uncompressed + 8*h.values }

// checkPages returns an error if the pages of a row group take more memory at once than limit, or
// do not have the sizes that they state.
func checkPages(in io.ReaderAt, size int64, g *format.RowGroup, limit int64) error {
	var all int64
	for i := range g.Columns {
		m := &g.Columns[i].MetaData
		takes, err := checkColumn(in, size, m, limit)
		if err != nil {
			return fmt.Errorf("column %s: %w", strings.Join(m.PathInSchema, "/"), err)
		}
		if all += takes; all > limit { //mutant:pages-unbounded
			return tooMuch(limit)
		}
	}
	return nil
}

func tooMuch(limit int64) error {
	return fmt.Errorf("its pages take more than %d MiB of memory at once: give more memory, or write it with smaller row groups", limit>>20)
}

// checkColumn returns the memory of a column's largest page and its dictionary.
func checkColumn(in io.ReaderAt, size int64, m *format.ColumnMetaData, limit int64) (takes int64, err error) {
	at := m.DataPageOffset
	if m.DictionaryPageOffset != 0 {
		at = m.DictionaryPageOffset
	}
	end := at + m.TotalCompressedSize
	if at < 0 || m.TotalCompressedSize < 0 || end < at || end > size {
		return 0, fmt.Errorf("%w: its pages are not within the file", errDamagedParquet)
	}
	var dictionary, page int64
	for at < end {
		h, err := pageHeadAt(io.NewSectionReader(in, at, end-at))
		if err == nil && h.compressed > end-at-h.length {
			err = fmt.Errorf("%d bytes, but only %d are in the file", h.compressed, end-at-h.length)
		}
		if err != nil {
			return 0, fmt.Errorf("%w: the page at byte %d: %w", errDamagedParquet, at, err)
		}
		if h.memory() > limit {
			return 0, tooMuch(limit)
		}
		if !h.uncompressedAll {
			body := io.NewSectionReader(in, at+h.length+h.levels, h.compressed-h.levels)
			if err := checkUncompressed(m.Codec, body, h.uncompressed-h.levels); err != nil {
				return 0, fmt.Errorf("%w: the page at byte %d: %w", errDamagedParquet, at, err)
			}
		}
		if h.kind == kindDictionary {
			dictionary += 2 * h.memory() // the values are copied out of it
		} else {
			page = max(page, h.memory())
		}
		at += h.length + h.compressed
	}
	return dictionary + page, nil
}

// pageHeadAt parses the page header at the start of a section, reading as much as it needs.
func pageHeadAt(section *io.SectionReader) (h pageHead, err error) {
	const first = 256
	for ahead := int64(first); ; ahead = min(8*ahead, maxPageHead) {
		data := make([]byte, min(ahead, section.Size()))
		if _, err := section.ReadAt(data, 0); err != nil {
			return h, fmt.Errorf("reading: %w", err)
		}
		if h, err = readPageHead(data); !errors.Is(err, errShort) || ahead == maxPageHead {
			return h, err
		}
	}
}

// checkUncompressed returns an error if the data do not decompress to size bytes.
func checkUncompressed(codec format.CompressionCodec, compressed *io.SectionReader, size int64) (err error) {
	var in io.Reader
	switch codec {
	case format.Uncompressed:
		if compressed.Size() != size {
			return fmt.Errorf("it has %d bytes but states %d", compressed.Size(), size)
		}
		return nil
	case format.Snappy:
		// Snappy states its size first, and the library checks that.
		head := make([]byte, min(compressed.Size(), binary.MaxVarintLen64))
		if _, err := compressed.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading: %w", err)
		}
		n, err := snappy.DecodedLen(head)
		if err != nil {
			return fmt.Errorf("decompressing: %w", err)
		}
		if int64(n) != size {
			return fmt.Errorf("it states a size of %d bytes, and its compressed data %d", size, n)
		}
		return nil
	case format.Gzip:
		in, err = gzip.NewReader(bufio.NewReader(compressed))
	case format.Zstd:
		var z *zstd.Decoder
		if z, err = zstd.NewReader(compressed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(uint64(max(size, leastWindow)))); err == nil {
			defer z.Close()
		}
		in = z
	case format.Brotli:
		in = brotli.NewReader(compressed)
	default:
		return fmt.Errorf("compression %s is not supported: write it with Snappy, gzip or zstd", codec)
	}
	if err != nil {
		return fmt.Errorf("decompressing: %w", err)
	}
	n, err := io.Copy(io.Discard, io.LimitReader(in, size+1)) //mutant:page-unpacks-to-more
	if err != nil {
		return fmt.Errorf("decompressing: %w", err)
	}
	if n != size {
		return fmt.Errorf("it states a size of %d bytes and decompresses to another", size)
	}
	return nil
}

// leastWindow is the least window, in bytes, that zstd decoders must support.
const leastWindow = 8 << 20

// compact scans Thrift's compact protocol, the encoding of a Parquet file's metadata, and
// allocates nothing.
type compact struct {
	data    []byte
	at      int
	structs int
	limit   int // number of structures
	err     error
}

// Types of the compact protocol.
const (
	thriftTrue = iota + 1
	thriftFalse
	thriftByte
	thriftI16
	thriftI32
	thriftI64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
)

var (
	errShort  = errors.New("it ends too early")
	errThrift = errors.New("it is not valid Thrift")
	errLarge  = errors.New("it has too many parts")
)

// maxNested bounds the nesting of metadata.
const maxNested = 32

// structure skips a structure. It calls visit with each number in it and in its direct members;
// part is the member's field number, 0 for the structure itself.
func (c *compact) structure(part int16, depth int, visit func(part, field int16, v int64)) {
	if c.structs++; c.structs > c.limit { //mutant:footer-unlooked-at
		c.fail(errLarge)
	}
	if depth > maxNested {
		c.fail(errThrift)
	}
	var field int16
	for c.err == nil {
		head := c.one()
		if head == 0 {
			return
		}
		if delta := head >> 4; delta != 0 {
			field += int16(delta)
		} else {
			field = int16(unzigzag(c.varint()))
		}
		kind := head & 15
		switch {
		case kind == thriftTrue || kind == thriftFalse:
			if visit != nil {
				visit(part, field, int64(thriftFalse-kind))
			}
		case kind == thriftStruct && depth == 0 && visit != nil:
			c.structure(field, depth+1, visit)
		case kind == thriftI16 || kind == thriftI32 || kind == thriftI64:
			if v := unzigzag(c.varint()); visit != nil {
				visit(part, field, v)
			}
		default:
			c.value(kind, depth)
		}
	}
}

// value skips a value; true and false take a byte, as in lists.
func (c *compact) value(kind byte, depth int) {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		c.one()
	case thriftI16, thriftI32, thriftI64:
		c.varint()
	case thriftDouble:
		c.skip(8)
	case thriftBinary:
		c.skip(c.varint())
	case thriftList, thriftSet:
		head := c.one()
		n := uint64(head >> 4)
		if n == 15 {
			n = c.varint()
		}
		c.values(n, depth, head&15)
	case thriftMap:
		n := c.varint()
		if n == 0 {
			return
		}
		kinds := c.one()
		c.values(n, depth, kinds>>4, kinds&15)
	case thriftStruct:
		c.structure(0, depth+1, nil)
	default:
		c.fail(errThrift)
	}
}

// values skips n tuples of the given types. Each takes a byte at least, so the loop ends with the
// data.
func (c *compact) values(n uint64, depth int, kinds ...byte) {
	for ; n > 0 && c.err == nil; n-- {
		for _, kind := range kinds {
			c.value(kind, depth+1)
		}
	}
}

func (c *compact) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func (c *compact) one() byte {
	if c.err != nil || c.at >= len(c.data) {
		c.fail(errShort)
		return 0
	}
	c.at++
	return c.data[c.at-1]
}

func (c *compact) skip(n uint64) {
	if n > uint64(len(c.data)-c.at) {
		c.fail(errShort)
		return
	}
	c.at += int(n)
}

func (c *compact) varint() uint64 {
	v, n := binary.Uvarint(c.data[c.at:])
	if n <= 0 {
		c.fail(errShort)
		return 0
	}
	c.at += n
	return v
}

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
