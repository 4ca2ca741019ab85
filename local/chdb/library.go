package chdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// ErrNoLibrary means that libchdb.so was not found.
var ErrNoLibrary = errors.New("the embedded ClickHouse library is not installed")

// libraryEnv names a libchdb.so to use instead of the installed one.
const libraryEnv = "POLO_LIBCHDB"

// packageFor returns the npm package with the library for a GOOS/GOARCH.
func packageFor(platform string) string {
	switch platform {
	case "linux/amd64":
		return "@chdb/lib-linux-x64-gnu"
	case "linux/arm64":
		return "@chdb/lib-linux-arm64-gnu"
	case "darwin/amd64":
		return "@chdb/lib-darwin-x64"
	case "darwin/arm64":
		return "@chdb/lib-darwin-arm64"
	}
	return ""
}

// FindLibrary looks for libchdb.so: the file that POLO_LIBCHDB names; in
// ../local/chdb/npm beside the running program; then in local/chdb/npm of the working
// directory and of each directory above it. `make` installs it there.
func FindLibrary() (string, error) {
	if path := os.Getenv(libraryEnv); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%w: %s names a file that cannot be read: %w", ErrNoLibrary, libraryEnv, err)
		}
		return path, nil
	}
	platform := runtime.GOOS + "/" + runtime.GOARCH
	pkg := packageFor(platform)
	if pkg == "" {
		return "", fmt.Errorf("%w: no package of it for %s", ErrNoLibrary, platform)
	}
	below := filepath.Join("local", "chdb", "npm", "node_modules", filepath.FromSlash(pkg), "libchdb.so")
	var roots []string
	if exe, err := os.Executable(); err == nil {
		roots = append(roots, filepath.Dir(filepath.Dir(exe)))
	}
	if wd, err := os.Getwd(); err == nil {
		for {
			roots = append(roots, wd)
			up := filepath.Dir(wd)
			if up == wd {
				break
			}
			wd = up
		}
	}
	for _, root := range roots {
		path := filepath.Join(root, below)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: run `make engine` in Polo's folder, or set %s to a libchdb.so", ErrNoLibrary, libraryEnv)
}
