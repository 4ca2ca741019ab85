package replay

import (
	"crypto/sha256"
	"encoding/hex"
)

// Mark is a checksum of content that cannot be decoded as a statement.
type Mark string

func markOf(raw []byte) Mark {
	sum := sha256.Sum256(raw)
	return Mark(hex.EncodeToString(sum[:8]))
}

// echo identifies a letter that failed again, by its content and the replay count it was sent with.
// It does not depend on a clock.
type echo struct {
	statement Statement
	mark      Mark
	replays   int
}

// echoes are those of everything that a run sent.
type echoes map[echo]bool

func (e echoes) add(statements []Statement, marks []Mark, replays int) {
	for _, s := range statements {
		e[echo{statement: s, replays: replays}] = true
	}
	for _, m := range marks {
		e[echo{mark: m, replays: replays}] = true
	}
}

// has reports whether a letter contains anything of it.
func (e echoes) has(l *Letter) bool {
	n := l.Failure.ReplayCount
	if n == 0 {
		return false // no replay sent it
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
