package cluster_test

import (
	"os"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/integration/content"
	"polo/local/chdb"
	"polo/local/stack"
)

// servers is a cluster: servers 1 and 2 are the replicas of the first shard, 3 and 4 those of the second.
type servers struct {
	addrs [5]string // from 1
	// names are the servers' names in the cluster's configuration.
	names [5]string
	users chdb.Users
	admin chdb.User
	// kill is kill -9, or as near as possible; start waits until the server answers; wipe deletes a dead
	// server's disk.
	kill, start, wipe func(t *testing.T, n int)
	// replaceConfig changes a dead server's configuration.
	replaceConfig           func(t *testing.T, n int, was, is string)
	killKeeper, startKeeper func(t *testing.T)
}

// all returns the addresses of all servers.
func (s *servers) all() string { return strings.Join(s.addrs[1:], ",") }

func connect(t *testing.T, addr string, u chdb.User) driver.Conn {
	t.Helper()
	conn, err := stack.Connect(addr, chdb.Database, u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// exec runs a statement on one server, as its administrator.
func (s *servers) exec(t *testing.T, n int, sql string) {
	t.Helper()
	conn, err := stack.Connect(s.addrs[n], "default", s.admin)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// contents returns the content of every table and view as the reader sees them at addr, without the tables of
// single shards.
func contents(t *testing.T, addr string, reader chdb.User) map[string]string {
	t.Helper()
	got, err := content.WithRules(t.Context(), connect(t, addr, reader))
	if err != nil {
		t.Fatal(err)
	}
	for name := range got {
		if strings.HasSuffix(name, "_local") {
			delete(got, name)
		}
	}
	return got
}

// replica returns the content of the tables that one server holds.
func (s *servers) replica(t *testing.T, n int) map[string]string {
	t.Helper()
	conn := connect(t, s.addrs[n], s.users.Reader)
	// resource_rollups has no row on a cluster.
	rows, err := conn.Query(t.Context(), "SELECT name FROM system.tables WHERE database = 'polo' AND endsWith(name, '_local') AND engine LIKE '%Replacing%' AND name != 'resource_rollups_local'")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	got := map[string]string{}
	for rows.Next() {
		var name, sum string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		query := "SELECT concat(toString(count()), ' rows, ', toString(sum(sipHash64(event_id, version)))) FROM " + name + " FINAL"
		if err := conn.QueryRow(t.Context(), query).Scan(&sum); err != nil {
			t.Fatal(err)
		}
		got[name] = sum
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if len(got) < 4 {
		t.Fatalf("server %d holds only %v", n, got)
	}
	return got
}

func TestMain(m *testing.M) {
	chdb.RunChild()
	os.Exit(m.Run())
}
