package replay_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Nothing is written after half a line, so that the journal can be read once there is space.
func TestJournalAfterAFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("needs root for a small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	filler, path := filepath.Join(dir, "filler"), filepath.Join(dir, "journal")
	j := open(t, path, header("run"))
	if err := os.WriteFile(filler, make([]byte, 40<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	var many []string
	for i := range 800 {
		many = append(many, fmt.Sprintf("%036d", i))
	}
	if err := j.Intend(many); err == nil {
		t.Fatal("the disk is not full")
	}
	if err := os.Remove(filler); err != nil { // free space
		t.Fatal(err)
	}
	if err := j.Intend([]string{"another sender's"}); err == nil {
		t.Error("it went on after a write that failed")
	}
	closeJournal(t, j)
	again := open(t, path, header("run"))
	defer closeJournal(t, again)
	if again.Run != "run" || again.Of("another sender's") != 0 {
		t.Error("it does not go on where it stopped")
	}
}
