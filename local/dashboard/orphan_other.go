//go:build !linux

package dashboard

import "syscall"

// attributes keep a Ctrl-C on the terminal from the child.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// orphanless returns the command line of a program that ends with this process.
func orphanless(program string, args ...string) (string, []string) { return watched(program, args...) }
