package clickhouse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"polo/local/clickhouse"
)

// innerPorts are the addresses that an engine's process listens on beside its doors'.
func innerPorts(t *testing.T, e *clickhouse.Engine) []string {
	t.Helper()
	proc := "/proc/" + strconv.Itoa(e.Pid)
	own := map[string]bool{}
	files, err := filepath.Glob(proc + "/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if target, err := os.Readlink(f); err == nil {
			own[target] = true
		}
	}
	text, err := os.ReadFile(proc + "/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	var addrs []string
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line) // sl local_address rem_address st ... inode
		if len(f) < 10 || f[3] != "0A" || !own["socket:["+f[9]+"]"] {
			continue
		}
		port, err := strconv.ParseUint(f[1][strings.IndexByte(f[1], ':')+1:], 16, 16)
		if err != nil {
			t.Fatal(err)
		}
		if addr := fmt.Sprintf("127.0.0.1:%d", port); addr != e.TCPAddr && addr != e.HTTPAddr {
			addrs = append(addrs, addr)
		}
	}
	if len(addrs) < 2 {
		t.Fatalf("the engine listens on %v beside its doors", addrs)
	}
	return addrs
}
