package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ticks is the kernel's clock rate for /proc, 100 on every Linux that Go runs on.
const ticks = 100

// cpuOfChildren returns the CPU time, in seconds, of this process's running children with a
// name, and their number.
func cpuOfChildren(name string) (seconds float64, n int64, err error) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return 0, 0, fmt.Errorf("listing this process's threads: %w", err)
	}
	for _, task := range tasks {
		text, err := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		if err != nil {
			continue // the thread has ended
		}
		for pid := range strings.FieldsSeq(string(text)) {
			stat, err := os.ReadFile("/proc/" + pid + "/stat")
			if err != nil {
				continue
			}
			s, is, err := cpuOf(string(stat), name)
			if err != nil {
				return 0, 0, err
			}
			if is {
				seconds, n = seconds+s, n+1
			}
		}
	}
	return seconds, n, nil
}

// cpuOf parses the CPU time from a process's stat, if its name matches.
func cpuOf(stat, name string) (seconds float64, is bool, err error) {
	open, shut := strings.IndexByte(stat, '('), strings.LastIndexByte(stat, ')')
	if open < 0 || shut < open {
		return 0, false, fmt.Errorf("reading a process's stat: %q", stat)
	}
	if stat[open+1:shut] != name {
		return 0, false, nil
	}
	// The name in brackets may hold spaces; the fields follow it.
	f := strings.Fields(stat[shut+1:])
	if len(f) < 13 {
		return 0, false, fmt.Errorf("reading a process's stat: %d fields", len(f))
	}
	user, err1 := strconv.ParseFloat(f[11], 64)
	system, err2 := strconv.ParseFloat(f[12], 64)
	if err1 != nil || err2 != nil {
		return 0, false, fmt.Errorf("reading a process's stat: %q and %q are not times", f[11], f[12])
	}
	return (user + system) / ticks, true, nil
}

// busy returns the CPU time, in seconds, of all programs since boot, and of this one and its
// finished children.
func busy() (all, own float64, err error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, fmt.Errorf("reading the processors' time: %w", err)
	}
	if all, err = busyOf(string(text)); err != nil {
		return 0, 0, err
	}
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var r syscall.Rusage
		if err := syscall.Getrusage(who, &r); err != nil {
			return 0, 0, fmt.Errorf("reading this program's time: %w", err)
		}
		own += float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
	}
	return all, own, nil
}

// busyOf parses the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq,
// steal, and the guest times, which user and nice include.
func busyOf(stat string) (seconds float64, err error) {
	line, _, _ := strings.Cut(stat, "\n")
	f := strings.Fields(line)
	if len(f) < 9 || f[0] != "cpu" {
		return 0, fmt.Errorf("reading the processors' time: %q", line)
	}
	for i, text := range f[1:9] {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return 0, fmt.Errorf("reading the processors' time: %w", err)
		}
		if i != 3 && i != 4 {
			seconds += n / ticks
		}
	}
	return seconds, nil
}

var reportLine = regexp.MustCompile(`(?m)^REPORT RequestId: \S+ Duration: ([0-9.]+) ms Memory Size: (\d+) MB Max Memory Used: (\d+) MB(?: Init Duration: ([0-9.]+) ms)?$`)

// reports adds up the reports in a function's log. Starts are billed like invocations, as AWS
// does for custom runtimes.
func reports(log string, f *figures) error {
	for _, m := range reportLine.FindAllStringSubmatch(log, -1) {
		duration, err := time.ParseDuration(m[1] + "ms")
		if err != nil {
			return fmt.Errorf("reading a report: %w", err)
		}
		if m[4] != "" {
			init, err := time.ParseDuration(m[4] + "ms")
			if err != nil {
				return fmt.Errorf("reading a report: %w", err)
			}
			duration += init
		}
		memory, err1 := strconv.ParseInt(m[2], 10, 64)
		most, err2 := strconv.ParseInt(m[3], 10, 64)
		if err1 != nil || err2 != nil {
			return fmt.Errorf("reading a report: memory of %q and %q", m[2], m[3])
		}
		f.Invocations++
		f.BilledMS += roundUpMS(duration)
		f.MemoryMB, f.MaxMemoryMB = memory, max(f.MaxMemoryMB, most)
	}
	return nil
}
