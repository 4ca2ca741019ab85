package chdb

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"
)

// isolations lists the ways to start the child, the strictest first: in its own network namespace, where nobody
// reaches its ports and url() reaches nothing, as root or in a user namespace; and without.
func isolations() []isolation {
	id := func(n int) []syscall.SysProcIDMap {
		return []syscall.SysProcIDMap{{ContainerID: n, HostID: n, Size: 1}}
	}
	own := detached()
	own.Cloneflags = unix.CLONE_NEWNET
	user := detached()
	user.Cloneflags = unix.CLONE_NEWNET | unix.CLONE_NEWUSER
	user.UidMappings, user.GidMappings = id(os.Getuid()), id(os.Getgid())
	user.AmbientCaps = []uintptr{unix.CAP_NET_ADMIN}                   // to bring up the loopback interface
	return []isolation{{own, true}, {user, true}, {detached(), false}} //mutant:engine-calls-out
}

// first is the child's first step.
const first = stepFence

// enterFence restricts this process to what the engine needs and executes the program again, so that threads which
// the system's libraries or Go had started are inside too. It returns only on an error.
func enterFence(o order) (err error) {
	report := os.NewFile(reportFile, "report")
	unix.CloseOnExec(reportFile)
	runtime.LockOSThread() // the fence belongs to the thread, and exec keeps it
	var missing []string
	if o.OwnNetwork {
		if err := openLoopback(); err != nil {
			return errors.Join(err, send(report, fenceReport{Failed: err.Error()}))
		}
	}
	if o.TCPPort, o.HTTPPort, err = freePorts(); err != nil {
		return err
	}
	abi, err := restrict(o)
	switch {
	case err != nil:
		return errors.Join(fmt.Errorf("fencing the engine: %w", err), send(report, fenceReport{Failed: err.Error()}))
	case abi < landlockRefer:
		missing = append(missing, "Landlock (Linux 5.19 or later), which keeps it from the files outside its data directory")
	}
	if !o.OwnNetwork {
		missing = append(missing, "a network namespace, which keeps others from its own ports, and it from the network")
	}
	if err := send(report, fenceReport{Missing: missing}); err != nil {
		return err
	}
	if err := passOn(o); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program to start the engine: %w", err)
	}
	return fmt.Errorf("starting the engine in its fence: %w", syscall.Exec(self, os.Args, environment(stepServe)))
}

// offMainThread runs fn on a thread other than the process's first. The C library knows the first one's stack only
// from /proc/self/maps.
func offMainThread(fn func() error) error {
	done := make(chan error)
	var begin func()
	begin = func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			go begin() // on another thread, because this one is locked
			select {}
		}
		done <- fn()
	}
	go begin()
	return <-done
}

// openLoopback brings up the loopback interface of this process's network namespace.
func openLoopback() error {
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return fmt.Errorf("naming the loopback interface: %w", err)
	}
	lo.SetUint16(unix.IFF_UP)
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("opening the loopback interface: %w", err)
	}
	defer func() { _ = unix.Close(s) }()
	if err := unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("opening the loopback interface: %w", err)
	}
	// If this fails, the child keeps a capability in a network that nobody else has.
	_ = unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
	return nil
}

// passOn leaves the order in a pipe for the executed program.
func passOn(o order) error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("making a pipe for the engine: %w", err)
	}
	if err := send(w, o); err != nil { // it fits the pipe's buffer
		return err
	}
	if fd := int(r.Fd()); fd == orderFile {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0) // keep it open across exec
	} else {
		err = unix.Dup3(fd, orderFile, 0)
	}
	if err != nil {
		return fmt.Errorf("handing the engine its order: %w", err)
	}
	return nil
}

// Versions of Landlock. The first refuses a rename to another directory, which the engine's tables need.
const (
	landlockRefer    = 2
	landlockTruncate = 3
	landlockNet      = 4
	landlockIoctl    = 5
	landlockScope    = 6
)

// Rights beneath a path.
const (
	readFile  = unix.LANDLOCK_ACCESS_FS_READ_FILE
	readTree  = readFile | unix.LANDLOCK_ACCESS_FS_READ_DIR
	execute   = unix.LANDLOCK_ACCESS_FS_EXECUTE
	writeFile = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	writeTree = readTree | writeFile | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_DIR |
		unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_SYM | unix.LANDLOCK_ACCESS_FS_REFER
)

// restrict fences this thread with Landlock and returns the kernel's version of it. A version without the rights
// that the engine needs is not used.
func restrict(o order) (abi int, err error) {
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 || version < landlockRefer {
		return 0, nil //nolint:nilerr // the kernel has no Landlock, or it is off
	}
	abi = int(version)
	attr := unix.LandlockRulesetAttr{Handled_access_fs: unix.LANDLOCK_ACCESS_FS_REFER<<1 - 1}
	if abi >= landlockTruncate {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= landlockNet {
		attr.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if abi >= landlockIoctl {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if abi >= landlockScope {
		attr.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	rules, err := rulesOf(o)
	if err != nil {
		return 0, err
	}
	set, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if errno != 0 {
		return 0, fmt.Errorf("making a Landlock ruleset: %w", errno)
	}
	defer func() { _ = unix.Close(int(set)) }()
	for path, access := range rules {
		if err := allowPath(set, path, access&attr.Handled_access_fs); err != nil {
			return 0, err
		}
	}
	if abi >= landlockNet {
		for _, port := range []int{o.TCPPort, o.HTTPPort} {
			if err := allowPort(set, port, attr.Handled_access_net); err != nil {
				return 0, err
			}
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return 0, fmt.Errorf("giving up new privileges: %w", err)
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, set, 0, 0); errno != 0 {
		return 0, fmt.Errorf("entering a Landlock ruleset: %w", errno)
	}
	return abi, nil
}

// allowPath adds a rule for a path, if the path exists.
func allowPath(set uintptr, path string, access uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening %s: %w", path, err)
	}
	defer func() { _ = unix.Close(fd) }()
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, set, unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); errno != 0 {
		return fmt.Errorf("allowing %s: %w", path, errno)
	}
	return nil
}

// allowPort adds a rule for a TCP port.
func allowPort(set uintptr, port int, access uint64) error {
	const kind = 2                                // LANDLOCK_RULE_NET_PORT
	rule := [2]uint64{0: access, 1: uint64(port)} // struct landlock_net_port_attr
	if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, set, kind, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); errno != 0 {
		return fmt.Errorf("allowing port %d: %w", port, errno)
	}
	return nil
}

// rulesOf returns the engine's rights by path.
func rulesOf(o order) (map[string]uint64, error) {
	rules := map[string]uint64{
		o.Data: writeTree, o.Library: readFile, //mutant:engine-reads-the-machine
		"/dev/null": readFile | writeFile, "/dev/urandom": readFile, "/dev/random": readFile,
		"/etc/ld.so.cache": readFile, "/etc/localtime": readFile,
		// Dictionaries query the engine itself as localhost.
		"/etc/hosts": readFile, "/etc/nsswitch.conf": readFile, "/etc/host.conf": readFile, "/etc/resolv.conf": readFile, "/etc/gai.conf": readFile,
	}
	for _, path := range o.Reads {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("looking at what the engine reads: %w", err)
		}
		if rules[path] = readFile; info.IsDir() {
			rules[path] = readTree
		}
	}
	// The engine measures its memory with it. The rule applies to this open file, so it must stay open.
	const memory = "/proc/self/statm"
	if _, err := unix.Open(memory, unix.O_PATH, 0); err != nil {
		return nil, fmt.Errorf("opening %s: %w", memory, err)
	}
	rules[memory] = readFile
	mapped, err := mappedFiles(o.Library)
	if err != nil {
		return nil, err
	}
	for _, path := range mapped {
		rules[path] = readFile | execute
	}
	return rules, nil
}

// mappedFiles returns the program and the libraries it loads, those that the library needs included.
func mappedFiles(library string) ([]string, error) {
	f, err := elf.Open(library)
	if err != nil {
		return nil, fmt.Errorf("reading the ClickHouse library: %w", err)
	}
	needed, err := f.ImportedLibraries()
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("reading what the ClickHouse library needs: %w", err)
	}
	for _, name := range needed {
		_, _ = purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_GLOBAL) // loading the library reports what is missing
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return nil, fmt.Errorf("listing this program's libraries: %w", err)
	}
	var files []string
	for line := range bytes.Lines(maps) {
		if i := bytes.IndexByte(line, '/'); i >= 0 {
			files = append(files, strings.TrimSuffix(string(line[i:]), "\n"))
		}
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	return append(files, filepath.Clean(self)), nil
}
