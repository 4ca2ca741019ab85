package dashboard

import "syscall"

// attributes keep a Ctrl-C on the terminal from the child, and kill it when the thread that started it ends.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// orphanless returns the command line of a program that ends with this process: attributes see to that.
func orphanless(program string, args ...string) (string, []string) { return program, args }
