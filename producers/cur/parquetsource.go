package cur

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-faster/jx"
	"github.com/parquet-go/parquet-go"
)

// parquetSource reads Parquet, row group by row group.
type parquetSource struct {
	layout  *layout
	columns []parquetColumn // by slot
	file    *parquet.File
	in      io.ReaderAt
	groups  []parquet.RowGroup
	group   int
	opened  bool
	// read counts the rows before this place, left the unread rows of the group.
	read, left int64
	// size is the file's size; pages bounds the pages that are read at once. Both in bytes.
	size, pages int64
}

// parquetColumn is a column of the file, or the two columns of a map.
type parquetColumn struct {
	name string
	leaf *parquet.Column // of a map, the keys
	// values is the index of a map's values, -1 for other columns.
	values int
	// list means that a row may have several values.
	list bool
	// long means that values may be longer than maxRecord.
	long       bool
	write      writeValue
	key, value *leafReader
}

// newParquetSource opens a file of size bytes; pages bounds the memory of the pages that are read
// at once, in bytes. The error is errNoBill, errNoLines, or that the file is not valid Parquet.
func newParquetSource(in io.ReaderAt, size, pages int64) (s *parquetSource, err error) {
	defer recovered(&err)
	if err := checkFooter(in, size, pages); err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(in, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(64<<10))
	if err != nil {
		return nil, fmt.Errorf("opening Parquet: %w", err)
	}
	var names, unread []string
	var found []parquetColumn
	for _, c := range file.Root().Columns() {
		for _, col := range parquetColumns(c, c.Name(), false) {
			if col.list && isKnown(col.name) {
				unread = append(unread, col.name)
				continue
			}
			names, found = append(names, col.name), append(found, col)
		}
	}
	s = &parquetSource{file: file, in: in, groups: file.RowGroups(), size: size, pages: pages}
	var kept []int16
	if s.layout, kept, err = newLayout(names); err != nil {
		return nil, err
	}
	s.layout.unread = unread
	s.columns = make([]parquetColumn, len(s.layout.names))
	for i, slot := range kept {
		if slot < 0 {
			continue
		}
		if found[i].values < 0 {
			kind := found[i].leaf.Type().Kind()
			found[i].long = kind == parquet.ByteArray || kind == parquet.FixedLenByteArray
			found[i].write = writerOf(found[i].leaf.Type(), s.layout.forms[slot])
		}
		s.columns[slot] = found[i]
	}
	return s, nil
}

// parquetColumns returns the columns within a column of the schema: the column itself if it is
// plain or a map of texts, else its children, named as in CUR 1: product/region. Each child of a
// list is a list.
func parquetColumns(c *parquet.Column, name string, list bool) []parquetColumn {
	list = list || c.Repeated()
	if c.Leaf() {
		return []parquetColumn{{name: name, leaf: c, values: -1, list: list}}
	}
	if col, ok := mapColumn(c); ok && !list && (strings.EqualFold(col.leaf.Name(), "key") || isKnown(name)) {
		col.name = name
		return []parquetColumn{col}
	}
	var all []parquetColumn
	inner := c.Columns()
	for _, within := range inner {
		path := name + "/" + within.Name()
		if len(inner) == 1 && (c.Repeated() || within.Repeated()) {
			path = name // the groups that form a list are not named
		}
		all = append(all, parquetColumns(within, path, list)...)
	}
	return all
}

// mapColumn returns the column of a map of texts, and whether c is one.
func mapColumn(c *parquet.Column) (parquetColumn, bool) {
	// A map is a repeated group of key and value; Spark's lists of pairs add one more group.
	inner := c.Columns()
	if len(inner) != 1 || !inner[0].Repeated() {
		return parquetColumn{}, false
	}
	pair := inner[0].Columns()
	if len(pair) == 1 {
		pair = pair[0].Columns()
	}
	if len(pair) != 2 {
		return parquetColumn{}, false
	}
	key, value := pair[0], pair[1]
	if !key.Leaf() || !value.Leaf() || key.Type().Kind() != parquet.ByteArray {
		return parquetColumn{}, false
	}
	return parquetColumn{leaf: key, values: value.Index(), write: writerOf(value.Type(), formText)}, true
}

// next fills a batch. The rest of a damaged row group is skipped.
func (s *parquetSource) next(b *batch) error {
	b.layout = s.layout
	for {
		if s.left == 0 {
			if s.group >= len(s.groups) {
				return io.EOF
			}
			if err := s.open(); err != nil {
				s.skipGroup(b, err)
				return nil
			}
			continue
		}
		if err := s.fill(b); err != nil {
			s.skipGroup(b, err)
			return nil
		}
		n := int64(len(b.rows))
		s.read, s.left = s.read+n, s.left-n
		b.seal()
		return nil
	}
}

// skipGroup records the rest of a row group as the batch's damage.
func (s *parquetSource) skipGroup(b *batch, err error) {
	b.reset()
	b.layout = s.layout
	b.damage = &damage{at: s.read + 1, problem: fmt.Sprintf("row group %d: rows %d to %d cannot be read: %v", s.group, s.read+1, s.read+s.left, err)}
	b.damage.data, b.damage.cutFrom = s.bytes(s.group - 1)
	s.read, s.left = s.read+s.left, 0
}

// bytes returns the first bytes of a row group, and its size.
func (s *parquetSource) bytes(group int) (data []byte, size int) {
	g := s.file.Metadata().RowGroups[group]
	if len(g.Columns) == 0 {
		return nil, 0
	}
	from, total := g.Columns[0].MetaData.DataPageOffset, int64(0)
	for _, c := range g.Columns {
		total += c.MetaData.TotalCompressedSize
	}
	if d := g.Columns[0].MetaData.DictionaryPageOffset; d > 0 {
		from = min(from, d)
	}
	data = make([]byte, max(0, min(total, maxKept)))
	n, err := s.in.ReadAt(data, from)
	if err != nil && n == 0 {
		return nil, 0
	}
	return data[:n], int(total)
}

// open opens the next row group.
func (s *parquetSource) open() error {
	s.release()
	g := s.groups[s.group]
	s.group++
	if s.left = g.NumRows(); s.left == 0 {
		return nil // the stated places of its pages are wrong
	}
	if err := checkPages(s.in, s.size, &s.file.Metadata().RowGroups[s.group-1], s.pages); err != nil {
		return err
	}
	chunks := g.ColumnChunks()
	for i := range s.columns {
		c := &s.columns[i]
		c.key = &leafReader{in: parquet.NewColumnChunkValueReader(chunks[c.leaf.Index()])}
		if c.values >= 0 {
			c.value = &leafReader{in: parquet.NewColumnChunkValueReader(chunks[c.values])}
		}
	}
	s.opened = true
	return nil
}

// fill reads rows until the batch is full. A row with a value beyond maxRecord is read and
// recorded as a problem.
func (s *parquetSource) fill(b *batch) (err error) {
	defer recovered(&err)
	for n := int64(0); n < s.left && !b.full(); n++ {
		from := len(b.arena)
		b.spans = append(b.spans, span{})
		r := row{number: s.read + n + 1}
		for i := range s.columns {
			at := len(b.arena)
			b.arena, err = s.columns[i].append(b.arena)
			switch {
			case errors.Is(err, errLongRecord), err == nil && len(b.arena)-from > maxRecord:
				r.problem, b.arena, at = errLongRecord.Error(), b.arena[:from], from
			case err != nil:
				return fmt.Errorf("column %s: %w", s.layout.names[i], err)
			}
			b.spans = append(b.spans, span{uint32(at), uint32(len(b.arena))})
		}
		if r.problem != "" {
			b.arena, b.spans = b.arena[:from], b.spans[:len(b.spans)-len(s.columns)]
		}
		b.rows = append(b.rows, r)
	}
	return nil
}

// append appends the next row's value; a map becomes a JSON object. After errLongRecord the next
// call returns the next row.
func (c *parquetColumn) append(dst []byte) ([]byte, error) {
	switch {
	case c.list:
		return c.appendList(dst)
	case c.values < 0:
		v, err := c.key.next()
		if err != nil || v.IsNull() {
			return dst, err
		}
		if c.long && len(v.ByteArray()) > maxRecord {
			return dst, errLongRecord
		}
		return c.write(dst, v), nil
	}
	w, long := jx.Writer{Buf: dst}, false
	for {
		k, err := c.key.next()
		if err != nil {
			return w.Buf, err
		}
		v, err := c.value.next()
		if err != nil {
			return w.Buf, err
		}
		if long = long || isLong(k) || isLong(v) || len(w.Buf)-len(dst) > maxRecord; !long && !k.IsNull() && !v.IsNull() {
			w.RawStr(separator(len(w.Buf) == len(dst)))
			w.FieldStart(string(k.ByteArray()))
			w.Str(string(c.write(nil, v)))
		}
		if more, err := c.key.more(); err != nil || !more {
			if long && err == nil {
				err = errLongRecord
			}
			if len(w.Buf) > len(dst) {
				w.ObjEnd()
			}
			return w.Buf, err
		}
		if more, err := c.value.more(); err != nil || !more {
			return w.Buf, errors.Join(errMap, err)
		}
	}
}

// appendList appends the next row's values as a JSON array of texts, or nothing if all are
// missing.
func (c *parquetColumn) appendList(dst []byte) ([]byte, error) {
	w := jx.Writer{Buf: dst}
	for some, long, n := false, false, 0; ; n++ {
		v, err := c.key.next()
		if err != nil {
			return w.Buf, err
		}
		if long = long || isLong(v) || len(w.Buf)-len(dst) > maxRecord; !long {
			if n == 0 {
				w.ArrStart()
			} else {
				w.Comma()
			}
			if v.IsNull() {
				w.Null()
			} else {
				some = true
				w.Str(string(c.write(nil, v)))
			}
		}
		if more, err := c.key.more(); err != nil || !more {
			if long && err == nil {
				err = errLongRecord
			}
			if !some {
				return w.Buf[:len(dst)], err
			}
			w.ArrEnd()
			return w.Buf, err
		}
	}
}

// isLong reports whether a value is longer than maxRecord.
func isLong(v parquet.Value) bool {
	return (v.Kind() == parquet.ByteArray || v.Kind() == parquet.FixedLenByteArray) && len(v.ByteArray()) > maxRecord
}

func separator(first bool) string {
	if first {
		return "{"
	}
	return ","
}

func (s *parquetSource) release() {
	if !s.opened {
		return
	}
	for i := range s.columns {
		c := &s.columns[i]
		c.key.close()
		c.value.close()
		c.key, c.value = nil, nil
	}
	s.opened = false
}

func (s *parquetSource) shape() *layout { return s.layout }

func (s *parquetSource) close() error {
	s.release()
	return nil
}

// recovered turns a panic into an error: damaged files make the library panic.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("damaged Parquet: %v", v)
	}
}

// leafReader reads the values of one leaf of one row group.
type leafReader struct {
	in    parquet.ColumnChunkValueReader
	buf   [256]parquet.Value
	at, n int
}

// next returns the next value; io.ErrUnexpectedEOF if the group ends early.
func (l *leafReader) next() (parquet.Value, error) {
	if err := l.fill(); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return parquet.Value{}, err
	}
	l.at++
	return l.buf[l.at-1], nil
}

// more reports whether the next value belongs to the same row.
func (l *leafReader) more() (bool, error) {
	err := l.fill()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil && l.buf[l.at].RepetitionLevel() > 0, err
}

func (l *leafReader) fill() error {
	for l.at == l.n {
		n, err := l.in.ReadValues(l.buf[:])
		l.at, l.n = 0, n
		if n == 0 && err != nil {
			return err
		}
	}
	return nil
}

func (l *leafReader) close() {
	if l != nil {
		_ = l.in.Close() // the file was only read
	}
}
