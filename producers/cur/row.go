package cur

import (
	"strings"

	"github.com/go-faster/jx"
)

// row is one row of a file. Its texts belong to its batch.
type row struct {
	// number is its place in the file, from 1: the line that it begins at, or in Parquet the row.
	number int64
	// raw is its bytes in the file; "" for Parquet.
	raw string
	// values are by slot; "" is a missing value.
	values []string
	// problem says why the row cannot be read, "" if it can.
	problem string
}

// original returns the bytes that a failure keeps: the row's own, or of Parquet the columns that
// were read, as a JSON object.
func (r *row) original(l *layout) []byte {
	if l == nil || r.raw != "" && !l.holdsSecret(r) {
		return []byte(r.raw)
	}
	var w jx.Writer
	w.ObjStart()
	first := true
	for i, v := range r.values {
		if v == "" {
			continue
		}
		if !first {
			w.Comma()
		}
		first = false
		w.FieldStart(l.names[i])
		w.Str(v)
	}
	w.ObjEnd()
	return w.Buf
}

// value returns a row's value in a field, "" if the file has no such column.
func (l *layout) value(r *row, f field) string {
	if s := l.slots[f]; s >= 0 {
		return r.values[s]
	}
	return ""
}

// name returns the file's name of a field's column.
func (l *layout) name(f field) string {
	if s := l.slots[f]; s >= 0 {
		return l.names[s]
	}
	for _, c := range columns() {
		if c.field == f {
			return c.names[0]
		}
	}
	return ""
}

// present returns "" for texts that mean a missing value.
func present(s string) string {
	s = strings.TrimSpace(s)
	if len(s) == 4 && strings.EqualFold(s, "null") || s == `\N` {
		return ""
	}
	return s
}

// batch is some rows of one file, with one buffer for all their texts.
type batch struct {
	layout *layout
	rows   []row
	// damage says why the rest of the file cannot be read, or that a part of it was skipped.
	damage *damage

	arena  []byte
	spans  []span // of the raw bytes and the values of the rows, in order
	values []string
}

type span struct{ from, to uint32 }

// damage is a part of a file that cannot be read.
type damage struct {
	problem string
	at      int64 // as row.number, 0 for the whole file
	// data is its bytes, or the first of cutFrom bytes.
	data    []byte
	cutFrom int
}

// batchRows and batchBytes bound a batch.
const (
	batchRows  = 512
	batchBytes = 1 << 20
)

func (b *batch) reset() {
	clear(b.rows)
	clear(b.values)
	b.rows, b.arena, b.spans, b.values, b.layout, b.damage = b.rows[:0], b.arena[:0], b.spans[:0], b.values[:0], nil, nil
}

// full reports whether the batch should be handed on.
func (b *batch) full() bool { return len(b.rows) >= batchRows || len(b.arena) >= batchBytes }

// text appends bytes to the arena.
func (b *batch) text(data []byte) span {
	from := len(b.arena)
	b.arena = append(b.arena, data...)
	return span{uint32(from), uint32(len(b.arena))}
}

// seal sets the texts of the rows from the spans: for each row the raw bytes and then a value for
// each slot. A row with a problem has no values.
func (b *batch) seal() {
	all := string(b.arena)
	slots := 0
	if b.layout != nil {
		slots = len(b.layout.names)
	}
	if need := slots * len(b.rows); cap(b.values) < need {
		b.values = make([]string, 0, need)
	}
	next := 0
	for i := range b.rows {
		r := &b.rows[i]
		r.raw = all[b.spans[next].from:b.spans[next].to]
		next++
		if r.problem != "" {
			continue
		}
		first := len(b.values)
		for _, s := range b.spans[next : next+slots] {
			b.values = append(b.values, present(all[s.from:s.to]))
		}
		next += slots
		r.values = b.values[first:len(b.values):len(b.values)]
	}
}
