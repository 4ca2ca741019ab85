package sqsserver

import "syscall"

// unmapPages lets go of the pages of a file's mapping. They are read from the file again when they are wanted, so
// nothing is lost by it; a system that refuses keeps them.
func unmapPages(data, size uintptr) {
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, data, size, syscall.MADV_DONTNEED)
}
