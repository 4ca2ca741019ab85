package sqsserver

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// A stored message is a fixed header, the body, the attributes and the trace header:
//
//	0   version (1)
//	1   message id, 16 bytes
//	17  time sent, Unix milliseconds, 8 bytes
//	25  not to be received before, Unix milliseconds, 0 for at once, 8 bytes
//	33  MD5 of the body, 16 bytes
//	49  length of the body, 4 bytes
//	53  the body; then the number of attributes (1 byte), each as name, type, kind (1 byte) and value; then the trace
//	    header and the group id. Each text is preceded by its length in 4 bytes.
//
// What changes while a message waits is stored beside it, so that a receive does not rewrite the body: receives (4
// bytes), receives before this queue (4), first receive in Unix milliseconds (8), then the source ARN. Numbers are
// big-endian.
const (
	recordVersion = 1
	recordHead    = 53
	stateHead     = 16
)

var errRecord = errors.New("malformed record")

// newRecord allocates c's record with room for a body, up to where the body starts.
func (c *content) newRecord(body int) []byte {
	size := recordHead + body + 1 + 4 + len(c.trace) + 4 + len(c.group)
	for _, a := range c.attributes {
		size += a.size() + 13
	}
	return make([]byte, recordHead, size)
}

// seal completes a record that ends in the body, and makes the content's body a subslice of it, so that the body is in
// memory once.
func (m *message) seal(b []byte) {
	c := m.content
	size := len(b) - recordHead
	b[0] = recordVersion
	copy(b[1:], m.id[:])
	binary.BigEndian.PutUint64(b[17:], uint64(m.sent.UnixMilli()))
	if !m.notBefore.IsZero() {
		binary.BigEndian.PutUint64(b[25:], uint64(m.notBefore.UnixMilli()))
	}
	sum, _ := hex.DecodeString(c.bodyMD5) // made by EncodeToString
	copy(b[33:], sum)
	binary.BigEndian.PutUint32(b[49:], uint32(size))
	b = append(b, byte(len(c.attributes)))
	for _, a := range c.attributes {
		b = appendSized(b, []byte(a.name))
		b = appendSized(b, []byte(a.dataType))
		kind := byte(0)
		if a.binary {
			kind = 1
		}
		b = append(b, kind)
		b = appendSized(b, a.value)
	}
	b = appendSized(b, []byte(c.trace))
	c.record = appendSized(b, []byte(c.group))
	c.body = c.record[recordHead : recordHead+size : recordHead+size]
}

func appendSized(b, text []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	return append(b, text...)
}

// openRecord parses a record; the message's content keeps it.
func openRecord(record []byte, seq uint64) (*message, error) {
	if len(record) < recordHead {
		return nil, fmt.Errorf("%w: %d bytes", errRecord, len(record))
	}
	if record[0] != recordVersion {
		return nil, fmt.Errorf("%w: version %d", errRecord, record[0])
	}
	c := &content{record: record, bodyMD5: hex.EncodeToString(record[33:49])}
	m := &message{content: c, seq: seq, id: uuid.UUID(record[1:17]), sent: milli(record[17:]), notBefore: milli(record[25:])}
	cut := cutter{rest: record[49:]}
	c.body = cut.sized()
	for range cut.byte() {
		a := attribute{name: string(cut.sized()), dataType: string(cut.sized()), set: true}
		a.binary = cut.byte() == 1
		a.value = cut.sized()
		c.attributes = append(c.attributes, a)
	}
	c.trace, c.group = string(cut.sized()), string(cut.sized())
	if cut.short || len(cut.rest) != 0 {
		return nil, fmt.Errorf("%w: its lengths do not add up", errRecord)
	}
	c.attrMD5 = attributesMD5(c.attributes)
	return m, nil
}

// progress encodes what changes while m waits.
func (m *message) progress() []byte {
	b := make([]byte, stateHead, stateHead+len(m.source))
	binary.BigEndian.PutUint32(b, m.receives)
	binary.BigEndian.PutUint32(b[4:], m.base)
	if !m.first.IsZero() {
		binary.BigEndian.PutUint64(b[8:], uint64(m.first.UnixMilli()))
	}
	return append(b, m.source...)
}

func (m *message) setProgress(b []byte) error {
	if len(b) < stateHead {
		return fmt.Errorf("%w: %d bytes of progress", errRecord, len(b))
	}
	m.receives, m.base = binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	m.first = milli(b[8:])
	m.source = string(b[stateHead:])
	return nil
}

func milli(b []byte) time.Time {
	n := int64(binary.BigEndian.Uint64(b))
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n)
}

// cutter takes fields from the front of a record and remembers whether one was missing.
type cutter struct {
	rest  []byte
	short bool
}

func (c *cutter) byte() byte {
	if len(c.rest) < 1 {
		c.short = true
		return 0
	}
	b := c.rest[0]
	c.rest = c.rest[1:]
	return b
}

func (c *cutter) sized() []byte {
	if len(c.rest) < 4 {
		c.short, c.rest = true, nil
		return nil
	}
	n := int64(binary.BigEndian.Uint32(c.rest))
	c.rest = c.rest[4:]
	if n > int64(len(c.rest)) {
		c.short, c.rest = true, nil
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}
