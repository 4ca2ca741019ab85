package dashboard

// watched returns the command line of a program that is killed when its standard input ends. A shell
// becomes the program, and leaves a child that waits for the end.
func watched(program string, args ...string) (string, []string) {
	const script = `exec 4<&0; (read -r _ <&4; kill -9 $$) 3<&- >/dev/null 2>&1 & exec "$@" 4<&- </dev/null`
	return "/bin/sh", append([]string{"-c", script, "sh", program}, args...)
}
