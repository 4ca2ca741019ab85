package clickhouse

import (
	"fmt"
	"strconv"
)

// QuorumAuto is the quorum of a majority of replicas.
const QuorumAuto = "auto"

// maxQuorum bounds a quorum: ClickHouse would wait for ever for a mistyped one.
const maxQuorum = 99

// Quorum is Config.InsertQuorum of a text: QuorumAuto, a majority of each shard's replicas; a
// number of them; or none for 0 and 1, with which an acknowledged row may be on one replica
// only, and is lost with its disk. While fewer are up, inserts fail with ErrUnavailable.
func Quorum(text string) (string, error) {
	if text == QuorumAuto {
		return text, nil
	}
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil || n > maxQuorum {
		return "", fmt.Errorf("%q is no quorum: want %s, a number of replicas up to %d, or 0 for none", text, QuorumAuto, maxQuorum)
	}
	if n < 2 {
		return "", nil
	}
	return strconv.FormatUint(n, 10), nil
}
