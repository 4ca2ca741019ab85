package main

import (
	"context"
	"fmt"
	osexec "os/exec"
	"regexp"
	"strconv"
	"strings"

	"polo/local/chdb"
)

// checkLibrary looks for the engine's library.
func checkLibrary() check {
	path, err := chdb.FindLibrary()
	if err != nil {
		return check{"ClickHouse library", stateMissing, err.Error(), "run make engine in Polo's checkout (it needs Node.js), or set POLO_LIBCHDB to a libchdb.so; polo schema --addr and polo collect --queue work without"}
	}
	return check{"ClickHouse library", stateOK, path, ""}
}

// tool is a program needed to build Polo.
type tool struct {
	name    string
	version []string
	least   [2]int
	remedy  string
}

// checkTools looks for the programs that build Polo and fetch the library. The one that fetches the
// library is required only if the library is missing.
func checkTools(ctx context.Context, library bool) []check {
	var out []check
	for _, t := range []tool{
		{"go", []string{"version"}, [2]int{1, 26}, "install Go 1.26 or later (https://go.dev/dl): make builds Polo with it"},
		{"node", []string{"--version"}, [2]int{20, 0}, "install Node.js 20 or later (https://nodejs.org): make engine fetches ClickHouse with its npm"},
		{"make", []string{"--version"}, [2]int{3, 0}, "install make: the checkout's commands are its targets"},
	} {
		c := t.check(ctx)
		if c.State != stateOK && t.name == "node" && !library {
			c.State = stateMissing
		}
		out = append(out, c)
	}
	return out
}

func (t tool) check(ctx context.Context) check {
	path, err := osexec.LookPath(t.name)
	if err != nil {
		return check{t.name, stateNote, "not on the PATH", t.remedy}
	}
	text, err := osexec.CommandContext(ctx, path, t.version...).Output()
	if err != nil {
		return check{t.name, stateNote, fmt.Sprintf("%s does not run: %v", path, err), t.remedy}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	m := regexp.MustCompile(`(\d+)\.(\d+)`).FindStringSubmatch(line)
	if m == nil {
		return check{t.name, stateOK, line, ""}
	}
	major, _ := strconv.Atoi(m[1]) // m[1] has only digits
	minor, _ := strconv.Atoi(m[2])
	if major < t.least[0] || major == t.least[0] && minor < t.least[1] {
		return check{t.name, stateNote, line + " is too old", t.remedy}
	}
	return check{t.name, stateOK, line, ""}
}
