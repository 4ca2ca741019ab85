package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"polo/local/stack"
)

// Free space on the data directory's disk, in bytes: below leastSpace no command starts, below
// littleSpace doctor notes it.
const (
	leastSpace  = 1 << 30
	littleSpace = 5 << 30
)

// checkData checks the data directory, who runs a stack on it, and the free space.
func checkData(data string) []check {
	there, at, err := existing(data)
	if err != nil {
		return []check{{"data directory", stateMissing, err.Error(), "name another: --data DIR or POLO_DATA"}}
	}
	dir := check{"data directory", stateOK, at, ""}
	switch err := syscall.Access(there, 2); { // W_OK
	case err != nil:
		dir = check{"data directory", stateMissing, fmt.Sprintf("%s cannot be written to: %v", there, err), "make it writable for you, or name another: --data DIR or POLO_DATA"}
	case there != at:
		dir.Found += " is made by the first command"
	}
	out := []check{dir, checkSpace(there)}
	switch holder, running, err := stack.Look(data); {
	case err != nil:
		out = append(out, check{"stack", stateMissing, err.Error(), "look at who owns the files of the data directory"})
	case running:
		out = append(out, check{"stack", stateOK, fmt.Sprintf("process %d (%s) runs it; other commands join it", holder.PID, holder.Command), ""})
	default:
		out = append(out, check{"stack", stateOK, "nobody runs one here; each command starts its own", ""})
	}
	return out
}

// existing returns the absolute path of the data directory, and its deepest existing folder.
func existing(data string) (there, dir string, err error) {
	if dir, err = filepath.Abs(data); err != nil {
		return "", "", err
	}
	for there = dir; ; there = filepath.Dir(there) {
		info, err := os.Stat(there)
		switch {
		case errors.Is(err, fs.ErrNotExist) && there != filepath.Dir(there):
			continue
		case err != nil:
			return "", dir, err
		case !info.IsDir():
			return "", dir, fmt.Errorf("%s is no folder", there)
		}
		return there, dir, nil
	}
}

func checkSpace(dir string) check {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return check{"disk space", stateNote, err.Error(), "look whether the disk of " + dir + " has room"}
	}
	free := int64(fs.Bavail) * int64(fs.Bsize) //nolint:unconvert // the types differ between systems
	c := check{"disk space", stateOK, size(free) + " free", ""}
	if free < littleSpace {
		c.State, c.Remedy = stateNote, "free some, or name a data directory on another disk: --data DIR"
	}
	if free < leastSpace {
		c.State = stateMissing
	}
	return c
}

// checkPorts checks that polo up can have its ports; a stack that runs on the directory already has
// them.
func checkPorts(data string) []check {
	if holder, running, err := stack.Look(data); err == nil && running && holder.Command == "polo up" {
		return nil
	}
	var out []check
	for _, p := range []struct {
		name, flag string
		port       int
	}{{"SQS", "--sqs-port", defaultSQSPort}, {"ClickHouse", "--clickhouse-port", defaultTCPPort}, {"ClickHouse HTTP", "--clickhouse-http-port", defaultHTTPPort}} {
		c := check{"port of " + p.name, stateOK, fmt.Sprintf("%d is free", p.port), ""}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)))
		if err != nil {
			c.State, c.Found = stateNote, fmt.Sprintf("%d is taken", p.port)
			c.Remedy = fmt.Sprintf("polo up %s 0 takes a free one; only polo up needs it", p.flag)
		} else if err := l.Close(); err != nil {
			c.Found = err.Error()
		}
		out = append(out, c)
	}
	return out
}
