package envelope

import (
	"crypto/sha1"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// namespace keeps Polo's version 5 UUIDs apart from anyone else's.
var namespace = uuid.MustParse("6f0c1f9e-0b7c-5d4e-9a51-70f10e0e0a01")

// NewEventID returns the id of a fact: a version 5 UUID (RFC 9562) over source, ts in
// milliseconds and every part of the source's own identity of the fact. Each part goes
// in with its length, so that different lists of parts never hash the same. ts is part
// of the id because storage orders events by it: one id can then never have two times.
func NewEventID(source string, ts time.Time, identity ...string) uuid.UUID {
	buf := make([]byte, 0, 256)
	buf = append(buf, namespace[:]...)
	buf = appendPart(buf, source)
	buf = binary.BigEndian.AppendUint64(buf, uint64(ts.UnixMilli()))
	for _, part := range identity {
		buf = appendPart(buf, part)
	}
	sum := sha1.Sum(buf)
	var id uuid.UUID
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}

func appendPart(buf []byte, part string) []byte {
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(part)))
	return append(buf, part...)
}
