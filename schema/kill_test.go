package schema_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"polo/local/chdb"
	"polo/schema"
)

// What is stored answers as the live definitions do after the server was killed while lines, costs' rollups, their state and the
// states of resources were written.
func TestStoredEqualsLiveAfterKills(t *testing.T) {
	t.Parallel()
	for seed := range seeds(t, 1) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "engine")
			open := func() store {
				e, err := chdb.Start(t.Context(), chdb.Options{Dir: dir})
				if err != nil {
					t.Fatal(err)
				}
				return store{e}
			}
			s := open()
			files := filesWith(t, "views/cost_rollups_due.sql", "last_made < toUnixTimestamp(now()) - 30", "last_made <= toUnixTimestamp(now())")
			if _, err := schema.NewFrom(s.connect(t), s.target(), files).Up(t.Context()); err != nil {
				t.Fatal(err)
			}
			for sql := range strings.SplitSeq(strings.TrimSpace(liveSQL), ";\n\n") {
				s.must(t, s.Users.Migrator, strings.TrimSuffix(sql, ";"))
			}
			w, r := newWorld(uint64(900+seed)), rand.New(rand.NewPCG(uint64(seed), 9))
			kills, broken, kept := 0, 0, 0
			for i, rows := range w.deliveries(r) {
				s.insert(t, rows...)
				for _, view := range []string{"cost_rollups_mv", "cost_states_mv", "resource_rollups_mv"} {
					s.must(t, s.Users.Migrator, "SYSTEM REFRESH VIEW "+view)
					if r.IntN(2) == 0 {
						s.must(t, s.Users.Migrator, "SYSTEM WAIT VIEW "+view)
					}
				}
				if r.IntN(4) > 0 {
					continue
				}
				conn, inserted := s.connect(t), make(chan error)
				go func() { // it is broken off, or not
					inserted <- conn.Exec(t.Context(), "INSERT INTO resource_events SELECT * REPLACE (version + 1 AS version) FROM resource_events FINAL WHERE rand() % 3 = 0")
				}()
				time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
				if err := syscall.Kill(s.Pid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				<-s.Exited()
				if <-inserted != nil {
					broken++
				}
				kills++
				s = open()
				if s.must(t, s.Users.Reader, "SELECT count() FROM cost_days WHERE generation > 0") != "0" && s.answers(t) != "live" {
					kept++
				}
				s.asLive(t, fmt.Sprint("killed after batch ", i))
				s.resourcesAsLive(t, fmt.Sprint("killed after batch ", i))
			}
			if kills < 3 || broken == 0 || kept == 0 {
				t.Errorf("%d kills, of which %d broke off an insert, and at %d something was stored", kills, broken, kept)
			}
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
}
