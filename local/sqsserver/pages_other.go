//go:build !linux

package sqsserver

// unmapPages does nothing: the system takes pages of a file back when it wants memory.
func unmapPages(_, _ uintptr) {}
