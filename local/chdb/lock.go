package chdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockDir takes the data directory for one engine. The lock belongs to the open
// file, which the engine's process inherits: it lasts until that ends, however
// it ends. gofrs/flock, which the other locks are, gives no file to inherit.
func lockDir(ctx context.Context, dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "engine.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the engine's lock: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(fmt.Errorf("locking %s: %w", dir, err), f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("another engine runs on %s: end it, or choose another directory", dir), f.Close())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// detached keeps a Ctrl-C on the terminal from reaching the engine before its parent is
// done with it.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
