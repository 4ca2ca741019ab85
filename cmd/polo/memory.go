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

// UnmarshalText parses a memory.
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

// limit sets the garbage collector's memory limit so that the process stays within m: the readers
// and the drain have smaller bounds. It leaves room for memory outside the runtime: the program's
// code, and the mapped part of the queue's file. A lower limit from the environment (GOMEMLIMIT)
// stays.
func (m memory) limit() {
	const rest = 150 << 20
	if limit := int64(m - rest); limit < debug.SetMemoryLimit(-1) {
		debug.SetMemoryLimit(limit)
	}
}

// portion returns the bytes of JSON that each of the drain's two workers decodes at once. A worker
// needs several times that.
func (m memory) portion() int { return int(min(m/48, 64<<20)) }
