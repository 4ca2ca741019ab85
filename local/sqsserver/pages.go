package sqsserver

import (
	"sync/atomic"

	"go.etcd.io/bbolt"
)

// pages bounds how much of the store's file counts as this process's memory. bbolt maps the file, and pages that
// were read stay mapped until the system needs memory.
type pages struct{ bytes atomic.Int64 }

// maxTouched is how many bytes are touched before the pages are unmapped.
const maxTouched = 32 << 20

// touched records that n bytes were read or written.
func (p *pages) touched(db *bbolt.DB, n int) {
	if p.bytes.Add(int64(n)) < maxTouched {
		return
	}
	p.bytes.Store(0)
	_ = db.View(func(tx *bbolt.Tx) error { // a transaction keeps the mapping in place
		unmapPages(db.Info().Data, uintptr(tx.Size()))
		return nil
	})
}
