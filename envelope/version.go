package envelope

import (
	"hash/crc32"
	"time"
)

// tieBits is the room below the milliseconds of ObservedAt in a version; the
// other 42 bits of milliseconds reach the year 2109, and Validate allows no
// later one.
const (
	tieBits  = 22
	maxMilli = 1<<(64-tieBits) - 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// RowVersion orders two statements of one fact: the later ObservedAt is the
// greater, and where both were observed in the same millisecond, the content
// decides, so that every order of arrival ends the same. raw is the event's
// JSON as it stood in its pack. Times outside 1970 to 2109 count as the nearest
// time inside.
func RowVersion(observedAt time.Time, raw []byte) uint64 {
	ms := uint64(min(max(observedAt.UnixMilli(), 0), maxMilli))
	return ms<<tieBits | uint64(crc32.Checksum(raw, castagnoli)>>(32-tieBits))
}
