//go:build !linux

package chdb_test

import (
	"testing"

	"polo/local/chdb"
)

// innerPorts is not available on this system.
func innerPorts(*testing.T, *chdb.Engine) []string { return nil }
