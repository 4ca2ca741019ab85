package sqsserver

import "syscall"

// unmapPages drops the pages of a file's mapping. They are read from the file again when needed, so nothing is
// lost; if the system refuses, they stay.
func unmapPages(data, size uintptr) {
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, data, size, syscall.MADV_DONTNEED)
}
