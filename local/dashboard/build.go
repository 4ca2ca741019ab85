package dashboard

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrNotBuilt means that the built dashboard was not found.
var ErrNotBuilt = errors.New("the dashboard is not built")

// Build is a built dashboard: the Worker, the application's files, and workerd to run the Worker.
type Build struct{ dir string }

// FindBuild returns the built dashboard in dir; an empty dir means worker beside the running program,
// where make builds it.
func FindBuild(dir string) (Build, error) {
	if dir == "" {
		self, err := os.Executable()
		if err != nil {
			return Build{}, fmt.Errorf("finding the dashboard beside this program: %w", err)
		}
		dir = filepath.Join(filepath.Dir(self), "worker")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Build{}, fmt.Errorf("finding the dashboard: %w", err)
	}
	b := Build{dir}
	for _, path := range []string{b.script(), b.workerd(), filepath.Join(b.assets(), index)} {
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return Build{}, fmt.Errorf("%w: there is no file %s", ErrNotBuilt, path)
		}
	}
	return b, nil
}

// Dir is the folder of the build.
func (b Build) Dir() string { return b.dir }

func (b Build) script() string  { return filepath.Join(b.dir, "worker.js") }
func (b Build) assets() string  { return filepath.Join(b.dir, "assets") }
func (b Build) workerd() string { return filepath.Join(b.dir, "workerd") }
