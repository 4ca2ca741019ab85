package clickhouse

import (
	"fmt"
	"strconv"
)

// QuorumAuto is the quorum of a majority of replicas.
const QuorumAuto = "auto"

// maxQuorum catches a mistyped quorum, for which ClickHouse would wait for ever.
const maxQuorum = 99

// Quorum parses Config.InsertQuorum: QuorumAuto, a majority of each shard's replicas; a
// number of replicas; or 0 or 1 for none. Without a quorum an acknowledged row may be on one
// replica only, and is lost with its disk. With one, inserts fail with ErrUnavailable while
// too few replicas are up.
func Quorum(text string) (string, error) {
	if text == QuorumAuto {
		return text, nil
	}
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil || n > maxQuorum {
		return "", fmt.Errorf("%q is not a quorum: want %s, a number of replicas up to %d, or 0 for none", text, QuorumAuto, maxQuorum)
	}
	if n < 2 {
		return "", nil
	}
	return strconv.FormatUint(n, 10), nil
}
