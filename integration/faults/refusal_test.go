package faults_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"polo/local/chdb"
	"polo/local/stack"
)

// ClickHouse refuses every insert for a while, each time for another reason. That is an
// outage: messages wait, and none goes to the dead-letter queue.
func TestClickHouseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		harm, heal []string
		order      func(*order, *rig)
	}{
		{name: "too many parts", harm: []string{
			"ALTER TABLE resource_events MODIFY SETTING parts_to_throw_insert = 1, parts_to_delay_insert = 1",
		}, heal: []string{"ALTER TABLE resource_events RESET SETTING parts_to_throw_insert, parts_to_delay_insert"}},
		{name: "out of memory", harm: []string{
			"CREATE MATERIALIZED VIEW hungry_mv ENGINE = Null DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT length(groupArray(number)) AS n FROM (SELECT arrayJoin(range(400000000 + 0 * toUInt64(any(version)))) AS number FROM resource_events)",
		}, heal: []string{"DROP VIEW hungry_mv"}},
		{name: "table missing", harm: []string{"RENAME TABLE resource_states TO hidden"}, heal: []string{"RENAME TABLE hidden TO resource_states"}},
		{name: "read-only account", order: func(o *order, r *rig) { o.User = r.engine().Users.Reader }},
		{name: "wrong password", order: func(o *order, _ *rig) { o.User.Password = "wrong" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			random := seedOf(t)
			r := newRig(t)
			bodies := packsOf(t, random, workload(), 60)
			half := len(bodies) / 2
			r.send(t, bodies[:half]...)
			first := r.startConsumer(t)
			r.awaitEmpty(t)
			first.stop(t)
			for _, sql := range c.harm {
				r.exec(t, sql)
			}
			harmed := r.startConsumer(t, func(o *order) {
				if c.order != nil {
					c.order(o, r)
				}
			})
			said := r.logged(t)
			r.send(t, bodies[half:]...)
			for until := time.Now().Add(time.Minute); r.logged(t) == said && time.Now().Before(until); {
				time.Sleep(50 * time.Millisecond)
			}
			time.Sleep(1500 * time.Millisecond) // long enough for a refusal and a retry
			stats, err := r.queue.Stats(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if stats.Visible+stats.InFlight != len(bodies)-half {
				t.Errorf("%d messages wait of %d: it was not refused", stats.Visible+stats.InFlight, len(bodies)-half)
			}
			for _, sql := range c.heal {
				r.exec(t, sql)
			}
			if c.order != nil { // fixed by a deployment
				harmed.stop(t)
				harmed = r.startConsumer(t)
			}
			r.awaitEmpty(t)
			harmed.stop(t)
			r.wantUndisturbed(t)
		})
	}
}

// logged returns the size of the consumers' logs, in bytes: they log only what goes
// wrong.
func (r *rig) logged(t *testing.T) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(r.dir, "consumer.log"))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// The disk fills up during inserts, and is then freed.
func TestDiskFull(t *testing.T) {
	if os.Getenv("POLO_FAULTS") == "" {
		t.Skip("POLO_FAULTS is not set: this test mounts a small disk, which needs root")
	}
	random := seedOf(t)
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
		t.Fatalf("mounting a small disk (this test needs root): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	r := newRigIn(t, dir)
	bodies := packsOf(t, random, workload(), 60)
	half := len(bodies) / 2
	c := r.startConsumer(t)
	r.send(t, bodies[:half]...)
	r.awaitEmpty(t)
	filler := filepath.Join(dir, "filler")
	fill(t, filler)
	r.send(t, bodies[half:]...)
	time.Sleep(3 * time.Second)
	stats, err := r.queue.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if stats.Empty() {
		t.Error("nothing waits: the disk was not full")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	r.awaitEmpty(t)
	c.stop(t)
	r.wantUndisturbed(t)
}

// fill writes until nothing more fits.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 64<<10)
	for size := len(block); size > 0; {
		if _, err := f.Write(block[:size]); err != nil {
			size /= 2
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// Statements are replayed weeks later, when ClickHouse has forgotten their blocks'
// tokens: whole blocks, and regrouped ones.
func TestReplayAfterTheWindow(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	r := newRig(t)
	for _, table := range []string{"resource_events", "resource_states", "cost_lines", "scans", "account_states"} {
		r.exec(t, "ALTER TABLE "+table+" MODIFY SETTING non_replicated_deduplication_window = 2")
	}
	bodies := packsOf(t, random, workload(), 60)
	for range 2 {
		c := r.startConsumer(t)
		r.send(t, bodies...)
		r.awaitEmpty(t)
		c.stop(t)
		conn, err := stack.Connect(r.engine().TCPAddr, chdb.Database, r.engine().Users.Migrator)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Exec(context.Background(), "OPTIMIZE TABLE resource_events FINAL"); err != nil {
			t.Error(err)
		}
		_ = conn.Close()
		bodies = append(bodies, packsOf(t, random, workload(), 30)...)
	}
	r.wantUndisturbed(t)
}
