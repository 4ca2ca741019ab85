package sqs

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// A stored message is a fixed head, the body, the attributes and the trace header:
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
// What changes while a message waits is stored beside it, so that a receive does not write the body again: receives
// (4 bytes), receives before this queue (4), first receive in Unix milliseconds (8), then the source ARN.
// Numbers are big-endian.
const (
	recordVersion = 1
	recordHead    = 53
	stateHead     = 16
)

var errRecord = errors.New("malformed record")

// newRecord allocates m's record with room for a body, up to where the body begins.
func (m *message) newRecord(body int) []byte {
	size := recordHead + body + 1 + 4 + len(m.trace) + 4 + len(m.group)
	for _, a := range m.attributes {
		size += a.size() + 13
	}
	return make([]byte, recordHead, size)
}

// seal completes a record, to which the body has been appended, and makes m.body a part of it: the body is held once.
func (m *message) seal(b []byte) {
	size := len(b) - recordHead
	b[0] = recordVersion
	copy(b[1:], m.id[:])
	binary.BigEndian.PutUint64(b[17:], uint64(m.sent.UnixMilli()))
	if !m.notBefore.IsZero() {
		binary.BigEndian.PutUint64(b[25:], uint64(m.notBefore.UnixMilli()))
	}
	sum, _ := hex.DecodeString(m.bodyMD5) // made by EncodeToString
	copy(b[33:], sum)
	binary.BigEndian.PutUint32(b[49:], uint32(size))
	b = append(b, byte(len(m.attributes)))
	for _, a := range m.attributes {
		b = appendSized(b, []byte(a.name))
		b = appendSized(b, []byte(a.dataType))
		kind := byte(0)
		if a.binary {
			kind = 1
		}
		b = append(b, kind)
		b = appendSized(b, a.value)
	}
	b = appendSized(b, []byte(m.trace))
	m.record = appendSized(b, []byte(m.group))
	m.body = m.record[recordHead : recordHead+size : recordHead+size]
}

func appendSized(b, text []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	return append(b, text...)
}

// openRecord reads a record; the message keeps it.
func openRecord(record []byte, seq uint64) (*message, error) {
	if len(record) < recordHead {
		return nil, fmt.Errorf("%w: %d bytes", errRecord, len(record))
	}
	if record[0] != recordVersion {
		return nil, fmt.Errorf("%w: version %d", errRecord, record[0])
	}
	m := &message{record: record, seq: seq, id: uuid.UUID(record[1:17]), sent: milli(record[17:]), notBefore: milli(record[25:])}
	m.bodyMD5 = hex.EncodeToString(record[33:49])
	c := cutter{rest: record[49:]}
	m.body = c.sized()
	for range c.byte() {
		a := attribute{name: string(c.sized()), dataType: string(c.sized()), set: true}
		a.binary = c.byte() == 1
		a.value = c.sized()
		m.attributes = append(m.attributes, a)
	}
	m.trace, m.group = string(c.sized()), string(c.sized())
	if c.short || len(c.rest) != 0 {
		return nil, fmt.Errorf("%w: its lengths do not add up", errRecord)
	}
	m.attrMD5 = attributesMD5(m.attributes)
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

// cutter takes fields off the front of a record and remembers whether one was missing.
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
