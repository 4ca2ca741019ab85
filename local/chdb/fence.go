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

// fenceReport is the child's report about its fence.
type fenceReport struct {
	// Failed says why this isolation does not work; the parent then tries the next.
	Failed string `json:"failed,omitempty"`
	// Missing lists the parts of a fence that the system lacks.
	Missing []string `json:"missing,omitempty"`
}

// send writes a value to a pipe and closes it.
func send(f *os.File, what any) error {
	err := json.NewEncoder(f).Encode(what)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("writing to a pipe: %w", err)
	}
	return nil
}

// receive reads what send wrote.
func receive(f *os.File, what any) error {
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
