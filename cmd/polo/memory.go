package main

import (
	"fmt"
	"math"
	"runtime/debug"
	"strconv"
	"strings"
)

// leastMemory is what `polo ingest` needs for the largest record, message and page that it reads.
const leastMemory = 448 << 20

// memory is an amount of memory: 512MiB, 2GiB, or a number of bytes.
type memory int64

// UnmarshalText reads it.
func (m *memory) UnmarshalText(text []byte) error {
	number, unit := string(text), int64(1)
	for suffix, size := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if before, ok := strings.CutSuffix(number, suffix); ok {
			number, unit = before, size
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/unit {
		return fmt.Errorf("%q is no amount of memory such as 512MiB or 2GiB", text)
	}
	*m = memory(n * unit)
	return nil
}

// limit has the garbage collector keep the process within m: what the readers and the drain hold
// at once is bounded, and less. Some is left for what is not the runtime's: the program's code,
// and the queue's file as far as it is mapped. A limit that the environment sets (GOMEMLIMIT)
// stands if it is lower.
func (m memory) limit() {
	const rest = 150 << 20
	if limit := int64(m - rest); limit < debug.SetMemoryLimit(-1) {
		debug.SetMemoryLimit(limit)
	}
}

// portion is how many bytes of JSON are decoded at once by each worker of the drain: there are
// two, and what they hold takes several times that.
func (m memory) portion() int { return int(min(m/48, 64<<20)) }
