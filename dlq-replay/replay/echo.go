package replay

import (
	"crypto/sha256"
	"encoding/hex"
)

// Mark stands for content that cannot be read as a statement.
type Mark string

func markOf(raw []byte) Mark {
	sum := sha256.Sum256(raw)
	return Mark(hex.EncodeToString(sum[:8]))
}

// echo is what failed again looks like: the content, and the replay count that it was
// sent with. No clock has a part in it.
type echo struct {
	statement Statement
	mark      Mark
	replays   int
}

// echoes are of everything that a run sent.
type echoes map[echo]bool

func (e echoes) add(statements []Statement, marks []Mark, replays int) {
	for _, s := range statements {
		e[echo{statement: s, replays: replays}] = true
	}
	for _, m := range marks {
		e[echo{mark: m, replays: replays}] = true
	}
}

// has tells whether a letter holds anything of it.
func (e echoes) has(l *Letter) bool {
	n := l.Failure.ReplayCount
	if n == 0 {
		return false // no replay ever sent it
	}
	for _, s := range l.Statements {
		if e[echo{statement: s, replays: n}] {
			return true
		}
	}
	for _, m := range l.Marks {
		if e[echo{mark: m, replays: n}] {
			return true
		}
	}
	return false
}
