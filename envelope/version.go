package envelope

import (
	"hash/crc32"
	"time"
)

// tieBits is the number of bits of a version below ObservedAt's milliseconds. The other
// 42 bits reach the year 2109; Validate allows no later one.
const (
	tieBits  = 22
	maxMilli = 1<<(64-tieBits) - 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// RowVersion orders two statements of one fact. The later ObservedAt has the greater
// version. Within one millisecond the content decides, so that every order of arrival
// gives the same result. raw is the event's JSON as it stood in its pack. Times outside
// 1970 to 2109 are clamped.
func RowVersion(observedAt time.Time, raw []byte) uint64 {
	ms := uint64(min(max(observedAt.UnixMilli(), 0), maxMilli))
	return ms<<tieBits | uint64(crc32.Checksum(raw, castagnoli)>>(32-tieBits)) //mutant:version-without-time,version-without-content
}
