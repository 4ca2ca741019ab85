//go:build !linux

package lambda

import (
	"errors"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func signalAll(pid int, s syscall.Signal) error { return syscall.Kill(-pid, s) }

// Here nothing kills a process when this one ends: it must notice by itself, so it is
// not frozen.
func freeze(int) error { return errors.ErrUnsupported }

func thaw(int) error { return nil }

// Memory is not measured on this system.
func (p *process) resident() int64 { return 0 }
func (p *process) memory() int64   { return 0 }
