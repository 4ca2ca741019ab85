package schema

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// DefaultWait is how long a Migrator waits for the servers of a cluster.
const DefaultWait = 3 * time.Minute

// patience is how long a statement may take before Migrator.Waiting is called, and how much longer
// than Migrator.Wait to wait for a server that does not answer.
const patience = 5 * time.Second

// UnfinishedError names the servers of a cluster that did not run a statement in time. They run it
// once they are back, and so does the next Up: a statement is safe to run twice.
type UnfinishedError struct {
	Hosts []string
	After time.Duration
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("not run after %s by %s: start it, or remove it from the cluster's configuration, and run this again; finished statements are kept, and a repeated one changes nothing",
		e.After, strings.Join(e.Hosts, ", "))
}

// clusterOf reads the cluster that the macro {cluster} names. It returns its servers as host:port,
// and the settings that would break exactness.
func clusterOf(ctx context.Context, conn driver.Conn) (servers []string, faults []Fault, err error) {
	var macros []string
	row := conn.QueryRow(ctx, "SELECT groupArray(macro) FROM system.macros")
	if err := row.Scan(&macros); err != nil {
		return nil, nil, fmt.Errorf("reading the macros: %w", err)
	}
	for _, m := range []string{"cluster", "shard", "replica"} {
		if !slices.Contains(macros, m) {
			faults = append(faults, Fault{"macro {" + m + "}", "the server does not have it: tables would be nowhere in the cluster", "define it in the server's configuration"})
		}
	}
	if faults != nil {
		return nil, faults, nil
	}
	rows, err := conn.Query(ctx, `SELECT concat(host_name, ':', toString(port)), toBool(internal_replication)
FROM system.clusters WHERE cluster = getMacro('cluster') ORDER BY shard_num, replica_num`)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the cluster: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var doubled []string
	for rows.Next() {
		var addr string
		var internal bool
		if err := rows.Scan(&addr, &internal); err != nil {
			return nil, nil, fmt.Errorf("reading the cluster: %w", err)
		}
		if servers = append(servers, addr); !internal {
			doubled = append(doubled, addr)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, fmt.Errorf("reading the cluster: %w", err)
	}
	if servers == nil {
		faults = append(faults, Fault{"macro {cluster}", "it names no cluster of remote_servers", "define that cluster, or name one that is there"})
	}
	if doubled != nil {
		faults = append(faults, Fault{
			"remote_servers",
			"internal_replication is not true for the shards of " + strings.Join(doubled, ", ") +
				": each row would be written to every replica as well as replicated, and inserts would fail while one is down",
			"set it for each shard (without it, it is false)",
		})
	}
	return servers, faults, nil
}

// progress tracks which servers have not run a statement.
type progress struct {
	mu   sync.Mutex
	left []string
}

func (p *progress) done(addr string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = slices.DeleteFunc(p.left, func(a string) bool { return a == addr })
}

func (p *progress) missing() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.left)
}

// run runs one statement on every server, for at most m.Wait on a cluster.
func (m *Migrator) run(ctx context.Context, what, sql string) error {
	if m.target.Kind != Cluster || !strings.Contains(sql, m.target.onCluster()) {
		return m.conn.Exec(ctx, sql)
	}
	p := &progress{left: slices.Clone(m.servers)}
	if m.Waiting != nil {
		timer := time.AfterFunc(patience, func() { m.Waiting(what, p.missing()) })
		defer timer.Stop()
	}
	// The server's own timeout ends the wait and names the missing servers. This one is for a
	// server that stops answering.
	ctx, cancel := context.WithTimeout(ctx, m.wait()+patience)
	defer cancel()
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"distributed_ddl_task_timeout": int(m.wait() / time.Second), "distributed_ddl_output_mode": "null_status_on_timeout",
	}))
	rows, err := m.conn.Query(ctx, sql)
	if err != nil {
		return err
	}
	unfinished, err := outcomes(rows, p)
	if err != nil {
		return err
	}
	if unfinished != nil {
		return &UnfinishedError{Hosts: unfinished, After: m.wait()}
	}
	return nil
}

// outcomes reads each server's result of a statement as it arrives, and returns the servers without
// one.
func outcomes(rows driver.Rows, p *progress) (unfinished []string, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var host string
		var port uint16
		var status *int64
		var message *string
		var remaining, active uint64
		if err := rows.Scan(&host, &port, &status, &message, &remaining, &active); err != nil {
			return nil, err
		}
		addr := fmt.Sprintf("%s:%d", host, port)
		if status == nil {
			unfinished = append(unfinished, addr)
			continue
		}
		p.done(addr)
	}
	return unfinished, rows.Err()
}

func (m *Migrator) wait() time.Duration {
	if m.Wait == 0 {
		return DefaultWait
	}
	return m.Wait
}
