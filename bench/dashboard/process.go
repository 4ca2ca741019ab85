package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// process is a running process of Linux.
type process int

// tick is the unit of the times in /proc: a hundredth of a second on every platform of Linux that Go knows.
const tick = 10 * time.Millisecond

// cpu returns the CPU time that it has taken.
func (p process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p))
	if err != nil {
		return 0, err
	}
	// The name may hold spaces; it ends with the last parenthesis. The times are fields 14 and 15.
	_, rest, _ := strings.Cut(string(text[bytes.LastIndexByte(text, ')'):]), " ")
	fields := strings.Fields(rest)
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		return 0, fmt.Errorf("/proc/%d/stat: %q", p, text)
	}
	return time.Duration(user+system) * tick, nil
}

// isWorkerd tells workerd by its command line.
func isWorkerd(line []string) bool { return strings.HasSuffix(line[0], "workerd") && len(line) > 1 }

// isEngine tells ClickHouse's process by its command line: the program again, without arguments.
func isEngine(line []string) bool { return len(line) == 1 }

// childOf returns a process that pid has started, itself or by others, and whose command line is told by is.
func childOf(pid int, is func(line []string) bool) (process, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	parents := map[int]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		parents[child], _ = strconv.Atoi(fields[1])
	}
	for child := range parents {
		up := child
		for up != pid && up > 1 {
			up = parents[up]
		}
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", child))
		line := strings.Split(strings.TrimRight(string(text), "\x00"), "\x00")
		if up == pid && child != pid && err == nil && is(line) {
			return process(child), nil
		}
	}
	return 0, fmt.Errorf("no such child of process %d: on Linux alone it is found", pid)
}
