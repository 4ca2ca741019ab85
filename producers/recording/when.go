package recording

import (
	"crypto/sha256"
	"path"
	"strconv"
	"strings"
	"time"
)

// Undated is the time of recordings without any known time. It is early, so that every known
// time is newer, and the same on every machine.
func Undated() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// Rank orders files that were recorded in the same second: the observed_at of their events is this
// much after it. The one with the greater number in its name counts, then the one whose content has
// the greater hash. It depends only on the recording, not on when or where a file was copied.
func Rank(name string, data []byte) time.Duration {
	const numbers, hashes = 100, 10
	sum := sha256.Sum256(data)
	rank := min(numberOf(name), numbers-1)*hashes + int(sum[0])%hashes //mutant:answers-of-a-second-race
	return time.Duration(rank) * time.Millisecond
}

// numberOf returns the number at the end of a recording's name, or 0:
// "ec2.DescribeInstances_2.json", compressed or not.
func numberOf(name string) int {
	stem := strings.TrimSuffix(path.Base(name), ".gz")
	stem = strings.TrimSuffix(stem, path.Ext(stem))
	n, err := strconv.Atoi(stem[strings.LastIndexByte(stem, '_')+1:])
	if err != nil || n < 0 {
		return 0
	}
	return n
}
