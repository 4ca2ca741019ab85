package sqsserver

import (
	"sync/atomic"

	"go.etcd.io/bbolt"
)

// pages bounds how much of the store's file counts as this process's memory. bbolt maps the file, and whatever was
// read of it stays mapped until the system wants the memory back.
type pages struct{ bytes atomic.Int64 }

// mostPages is how many bytes are touched before the pages are let go.
const mostPages = 32 << 20

// touched notes that n bytes were read or written.
func (p *pages) touched(db *bbolt.DB, n int) {
	if p.bytes.Add(int64(n)) < mostPages {
		return
	}
	p.bytes.Store(0)
	_ = db.View(func(tx *bbolt.Tx) error { // within a transaction the mapping stays where it is
		unmapPages(db.Info().Data, uintptr(tx.Size()))
		return nil
	})
}
