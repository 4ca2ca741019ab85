//go:build !linux

package chdb_test

import (
	"testing"

	"polo/local/chdb"
)

// innerPorts are not to be had here.
func innerPorts(*testing.T, *chdb.Engine) []string { return nil }
