// Package dashboardtest gives tests a dashboard to run: a small Worker and application, in the real workerd.
package dashboardtest

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

//go:embed all:standin
var standin embed.FS

// Build returns a folder with a built dashboard whose name needs care. A test without workerd is skipped, except
// where POLO_REQUIRE_WORKER is set.
func Build(t testing.TB) string {
	t.Helper()
	workerd := find(t)
	dir := filepath.Join(t.TempDir(), `the "build"`)
	files, err := fs.Sub(standin, "standin")
	if err == nil {
		err = os.CopyFS(dir, files)
	}
	if err == nil {
		err = os.Symlink(workerd, filepath.Join(dir, "workerd"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// find returns the path of workerd: make worker builds it, npm installs it.
func find(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("this is not in Polo's folder")
		}
	}
	for _, pattern := range []string{"build/worker/workerd", "worker/node_modules/@cloudflare/workerd-*/bin/workerd"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		if len(found) > 0 {
			return found[0]
		}
	}
	const missing = "there is no workerd in build/worker or worker/node_modules: make worker installs it"
	if os.Getenv("POLO_REQUIRE_WORKER") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}
