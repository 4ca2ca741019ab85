package schema

import (
	"io/fs"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// NewFrom is New with other migrations.
func NewFrom(conn driver.Conn, t Target, files fs.FS) *Migrator {
	return &Migrator{conn: conn, target: t, files: files}
}

// Files returns the migrations of New.
func Files() fs.FS { return sqlFiles }

// Split splits a file into statements.
func Split(text string) []string { return split(text) }

// Superseded returns the checksums of superseded migrations, with their files.
func Superseded() map[string]string { return superseded }
