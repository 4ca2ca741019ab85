package lambda

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// attributes give a process its own group, and kill it when this process ends.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func signalAll(pid int, s syscall.Signal) error { return syscall.Kill(-pid, s) }

func freeze(pid int) error { return signalAll(pid, syscall.SIGSTOP) }

func thaw(pid int) error { return signalAll(pid, syscall.SIGCONT) }

// memoryOf reads a line such as "VmRSS:  1234 kB" of a process's status, in bytes; 0 once
// it has exited.
func memoryOf(pid int, what string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, found := bytes.Cut(text, []byte("\n"+what+":"))
	fields := bytes.Fields(rest)
	if !found || len(fields) == 0 {
		return 0
	}
	kb, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return kb << 10
}

// resident returns the memory that the process takes now, memory the most that it has
// taken.
func (p *process) resident() int64 { return memoryOf(p.cmd.Process.Pid, "VmRSS") }
func (p *process) memory() int64   { return memoryOf(p.cmd.Process.Pid, "VmHWM") }
