package chdb

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"syscall"
)

// isolation is a way to start the child.
type isolation struct {
	attributes *syscall.SysProcAttr
	ownNetwork bool
}

// fenceReport is what the child says of its fence.
type fenceReport struct {
	// Failed is why this isolation is none, for another to be tried.
	Failed string `json:"failed,omitempty"`
	// Missing are the parts of a fence that the system does not have.
	Missing []string `json:"missing,omitempty"`
}

// tell writes what the other end of a pipe reads, and closes this end.
func tell(f *os.File, what any) error {
	err := json.NewEncoder(f).Encode(what)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("writing to a pipe: %w", err)
	}
	return nil
}

// hear reads what tell wrote.
func hear(f *os.File, what any) error {
	err := json.NewDecoder(f).Decode(what)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("reading from a pipe: %w", err)
	}
	return nil
}

// freePorts finds two ports on 127.0.0.1.
func freePorts() (tcp, web int, err error) {
	var ports [2]int
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, 0, fmt.Errorf("finding a free port: %w", err)
		}
		defer func() { _ = l.Close() }()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports[0], ports[1], nil
}
