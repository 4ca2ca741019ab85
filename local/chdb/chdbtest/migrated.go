// Package chdbtest saves tests the time to apply Polo's schema to each engine that they start.
package chdbtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"polo/local/chdb"
	"polo/schema"
)

// file is a file, folder or link of a data directory.
type file struct {
	path string // within the directory
	mode fs.FileMode
	data []byte // its content, or what it links to
}

var (
	once     sync.Once
	migrated []file // of a directory whose engine has Polo's schema
)

// Migrated fills dir, which must be empty or missing, with the data of an engine that has Polo's schema.
// chdb.Start takes it from there. The schema is applied once in each test binary.
func Migrated(t testing.TB, dir string) {
	t.Helper()
	once.Do(func() { migrated = migrate(t) })
	if migrated == nil {
		t.Fatal("applying the schema failed in another test")
	}
	for _, f := range migrated {
		path := filepath.Join(dir, f.path)
		var err error
		switch {
		case f.mode.IsDir():
			err = os.MkdirAll(path, f.mode.Perm())
		case f.mode&fs.ModeSymlink != 0:
			err = os.Symlink(string(f.data), path)
		default:
			err = os.WriteFile(path, f.data, f.mode.Perm())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Start starts an engine that has Polo's schema, until the test ends.
func Start(t testing.TB) *chdb.Engine {
	t.Helper()
	dir := t.TempDir()
	Migrated(t, dir)
	e, err := chdb.Start(t.Context(), chdb.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// migrate applies the schema in a directory of its own, and returns what is in it then.
func migrate(t testing.TB) []file {
	t.Helper()
	dir := t.TempDir()
	e, err := chdb.Start(t.Context(), chdb.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := ch.Open(&ch.Options{Addr: []string{e.TCPAddr}, Auth: ch.Auth{Username: e.Users.Migrator.Name, Password: e.Users.Migrator.Password, Database: chdb.Database}})
	if err != nil {
		t.Fatal(err)
	}
	target := schema.Target{Kind: schema.Single, DictionaryUser: e.Users.Reader.Name, DictionaryPassword: e.Users.Reader.Password}
	_, err = schema.New(conn, target).Up(t.Context())
	if err == nil {
		err = conn.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	out, err := filesOf(dir)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func filesOf(dir string) (out []file, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		f := file{mode: info.Mode()}
		if f.path, err = filepath.Rel(dir, path); err != nil {
			return err
		}
		switch {
		case info.Mode().IsRegular():
			f.data, err = os.ReadFile(path)
		case info.Mode()&fs.ModeSymlink != 0:
			var target string
			target, err = os.Readlink(path)
			f.data = []byte(target)
		}
		out = append(out, f)
		return err
	})
	return out, err
}
