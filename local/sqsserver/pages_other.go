//go:build !linux

package sqsserver

// unmapPages does nothing: here the system drops a file's pages only when it needs
// memory.
func unmapPages(_, _ uintptr) {}
