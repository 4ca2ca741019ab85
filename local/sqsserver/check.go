package sqsserver

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// bbolt trusts its file: a damaged page kills the process, by a panic in one of bbolt's goroutines or a fault in the
// mapped memory. So this checks the file before bbolt opens it. What follows is bbolt's format, version 2.

// errDamaged means that a store's file is not as bbolt writes it.
var errDamaged = errors.New("the file is damaged")

const (
	boltMagic    = 0xED0CDAED
	boltVersion  = 2
	pageHead     = 16 // id (8), kind (2), number of elements (2), further pages (4)
	elementSize  = 16
	bucketHead   = 16 // root page (8), sequence (8)
	branchPage   = 0x01
	leafPage     = 0x02
	freePage     = 0x10
	bucketFlag   = 1
	noFreePages  = ^uint64(0)
	mostPageSize = 16 << 20
	mostDepth    = 64
)

// boltMeta is the part of a file's meta page that is checked.
type boltMeta struct {
	pageSize         uint32
	root, free, high uint64 // pages; high is the first that was never used
	tx               uint64
}

// checker checks a file.
type checker struct {
	f    io.ReaderAt
	size uint64
	boltMeta
	seen []uint64 // a bit for each page
}

// checkFile returns an error for a file that bbolt should not open. It leaves a file that is missing, empty, or open in
// another process to bbolt.
func checkFile(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening it: %w", err)
	}
	defer func() { _ = f.Close() }() // it is only read
	// It is locked as bbolt will, once whoever has it open is done.
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	within, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	if free, err := lock.TryRLockContext(within, 20*time.Millisecond); err != nil || !free {
		return nil
	}
	defer func() { _ = lock.Unlock() }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("looking at it: %w", err)
	}
	if info.Size() == 0 {
		return nil
	}
	return checkPages(f, uint64(info.Size()))
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errDamaged, fmt.Sprintf(format, args...))
}

func checkPages(f io.ReaderAt, size uint64) error {
	c := &checker{f: f, size: size}
	return c.check()
}

func (c *checker) check() error {
	if err := c.readMeta(); err != nil {
		return err
	}
	c.seen = make([]uint64, min(c.high, c.size/uint64(c.pageSize))/64+1)
	if err := c.tree(c.root, nil, nil, 0); err != nil {
		return err
	}
	return c.freePages()
}

// read reads n bytes of the file.
func (c *checker) read(at, n uint64) ([]byte, error) {
	if at > c.size || n > c.size-at {
		return nil, damaged("it ends at byte %d, before byte %d", c.size, at+n)
	}
	b := make([]byte, n)
	if _, err := c.f.ReadAt(b, int64(at)); err != nil {
		return nil, fmt.Errorf("reading it: %w", err)
	}
	return b, nil
}

// readMeta reads the newer of the two meta pages that are intact.
func (c *checker) readMeta() error {
	found := false
	take := func(at uint64) {
		b, err := c.read(at, pageHead+64)
		if err != nil {
			return
		}
		b = b[pageHead:]
		sum := fnv.New64a()
		_, _ = sum.Write(b[:56])
		number := binary.LittleEndian.Uint64
		if binary.LittleEndian.Uint32(b) != boltMagic || binary.LittleEndian.Uint32(b[4:]) != boltVersion || number(b[56:]) != sum.Sum64() {
			return
		}
		m := boltMeta{pageSize: binary.LittleEndian.Uint32(b[8:]), root: number(b[16:]), free: number(b[32:]), high: number(b[40:]), tx: number(b[48:])}
		if m.pageSize >= 1024 && m.pageSize <= mostPageSize && (!found || m.tx > c.tx) {
			found, c.boltMeta = true, m
		}
	}
	take(0)
	if found {
		take(uint64(c.pageSize))
	} else {
		for at := uint64(1024); at <= mostPageSize && !found; at *= 2 {
			take(at)
		}
	}
	if !found {
		return damaged("neither of its two heads is whole")
	}
	return nil
}

// page checks that nothing else refers to a page and its overflow pages, and returns where it is, its length and its
// header.
func (c *checker) page(id uint64) (at, length uint64, kind, count uint16, err error) {
	if id < 2 || id >= c.high || id >= c.size/uint64(c.pageSize) {
		return 0, 0, 0, 0, damaged("page %d is referred to and does not exist", id)
	}
	at = id * uint64(c.pageSize)
	head, err := c.read(at, pageHead)
	if err != nil {
		return 0, 0, 0, 0, err
	}
	if own := binary.LittleEndian.Uint64(head); own != id {
		return 0, 0, 0, 0, damaged("page %d says to be page %d", id, own)
	}
	more := uint64(binary.LittleEndian.Uint32(head[12:]))
	if id+more >= c.high || id+more >= c.size/uint64(c.pageSize) {
		return 0, 0, 0, 0, damaged("page %d goes on for %d pages, beyond the end", id, more)
	}
	for i := id; i <= id+more; i++ {
		if c.seen[i/64]&(1<<(i%64)) != 0 {
			return 0, 0, 0, 0, damaged("page %d is referred to twice", i)
		}
		c.seen[i/64] |= 1 << (i % 64)
	}
	return at, (more + 1) * uint64(c.pageSize), binary.LittleEndian.Uint16(head[8:]), binary.LittleEndian.Uint16(head[10:]), nil
}

// tree checks a page and those below it. Its keys must be at least low, and less than high if that is set.
func (c *checker) tree(id uint64, low, high []byte, depth int) error {
	if depth > mostDepth {
		return damaged("page %d is %d levels deep", id, depth)
	}
	at, length, kind, count, err := c.page(id)
	if err != nil {
		return err
	}
	if kind != branchPage && kind != leafPage {
		return damaged("page %d is of the kind %d", id, kind)
	}
	if kind == branchPage && count == 0 {
		return damaged("page %d has nothing below it", id)
	}
	elements, err := c.elements(fmt.Sprintf("page %d", id), at, length, kind, count, low, high)
	if err != nil {
		return err
	}
	for i, e := range elements {
		if kind == branchPage {
			next := high
			if i+1 < len(elements) {
				next = elements[i+1].key
			}
			if err := c.tree(e.child, e.key, next, depth+1); err != nil {
				return err
			}
			continue
		}
		if err := c.bucket(id, e, depth); err != nil {
			return err
		}
	}
	return nil
}

// element is an element of a page. at and size locate its value.
type element struct {
	key      []byte
	child    uint64 // on a branch page
	bucket   bool   // on a leaf page
	at, size uint64
}

// elements returns the elements of the page at an offset of the file.
func (c *checker) elements(name string, at, length uint64, kind, count uint16, low, high []byte) ([]element, error) {
	heads := uint64(count) * elementSize
	if heads > length-pageHead {
		return nil, damaged("%s has %d elements, more than it has room for", name, count)
	}
	b, err := c.read(at+pageHead, heads)
	if err != nil {
		return nil, err
	}
	out := make([]element, count)
	for i := range out {
		head := b[i*elementSize:]
		u32 := func(at int) uint64 { return uint64(binary.LittleEndian.Uint32(head[at:])) }
		e := &out[i]
		var pos, key uint64
		if kind == branchPage { // position (4), length of the key (4), page (8)
			pos, key, e.child = u32(0), u32(4), binary.LittleEndian.Uint64(head[8:])
		} else { // flags (4), position (4), lengths of key and value (4 each)
			pos, key, e.size, e.bucket = u32(4), u32(8), u32(12), u32(0)&bucketFlag != 0
		}
		start := pageHead + uint64(i)*elementSize + pos
		if start+key+e.size > length || pos < heads-uint64(i)*elementSize {
			return nil, damaged("element %d of %s is not within it", i, name)
		}
		if e.key, err = c.read(at+start, key); err != nil {
			return nil, err
		}
		e.at = at + start + key
		if i > 0 && bytes.Compare(out[i-1].key, e.key) >= 0 || i == 0 && bytes.Compare(e.key, low) < 0 || high != nil && bytes.Compare(e.key, high) >= 0 {
			return nil, damaged("element %d of %s is out of order", i, name)
		}
	}
	return out, nil
}

// bucket checks a bucket in a leaf page: it has its own pages, or is small and stored inline.
func (c *checker) bucket(id uint64, e element, depth int) error {
	if !e.bucket {
		return nil
	}
	if e.size < bucketHead {
		return damaged("a bucket in page %d has %d bytes", id, e.size)
	}
	head, err := c.read(e.at, bucketHead)
	if err != nil {
		return err
	}
	if root := binary.LittleEndian.Uint64(head); root != 0 {
		return c.tree(root, nil, nil, depth+1)
	}
	if e.size < bucketHead+pageHead {
		return damaged("a bucket in page %d has %d bytes", id, e.size)
	}
	at := e.at + bucketHead
	if head, err = c.read(at, pageHead); err != nil {
		return err
	}
	if kind := binary.LittleEndian.Uint16(head[8:]); kind != leafPage {
		return damaged("a bucket in page %d is of the kind %d", id, kind)
	}
	within, err := c.elements(fmt.Sprintf("a bucket in page %d", id), at, e.size-bucketHead, leafPage, binary.LittleEndian.Uint16(head[10:]), nil, nil)
	if err != nil {
		return err
	}
	for _, w := range within {
		if err := c.bucket(id, w, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// freePages checks the list of free pages, after all pages in use.
func (c *checker) freePages() error {
	if c.free == noFreePages {
		return nil
	}
	at, length, kind, count, err := c.page(c.free)
	if err != nil {
		return err
	}
	if kind != freePage {
		return damaged("page %d is of the kind %d, and not the free ones' list", c.free, kind)
	}
	at += pageHead
	n := uint64(count)
	if count == 0xffff { // the real count is the first number in the list
		b, err := c.read(at, 8)
		if err != nil {
			return err
		}
		n = binary.LittleEndian.Uint64(b)
		at, length = at+8, length-8
	}
	if n > (length-pageHead)/8 {
		return damaged("page %d lists %d free pages, more than it has room for", c.free, n)
	}
	b, err := c.read(at, n*8)
	if err != nil {
		return err
	}
	for ; len(b) > 0; b = b[8:] {
		id := binary.LittleEndian.Uint64(b)
		if id < 2 || id >= c.high {
			return damaged("page %d is free and does not exist", id)
		}
		if id/64 < uint64(len(c.seen)) && c.seen[id/64]&(1<<(id%64)) != 0 {
			return damaged("page %d is free and in use", id)
		}
	}
	return nil
}
