package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// Version says what a program was built from.
type Version struct {
	Program string `json:"program"`
	// Version is the module's version, "(devel)" for a build from a checkout without one.
	Version string `json:"version"`
	// Commit is empty if the build does not record it; Modified reports whether the checkout had
	// uncommitted changes.
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Time     string `json:"time,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// VersionOf returns the version of the program with this name, from info.
func VersionOf(program string, info *debug.BuildInfo) Version {
	v := Version{Program: program, Version: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		case "vcs.time":
			v.Time = s.Value
		}
	}
	return v
}

func version(program string) Version {
	info, _ := debug.ReadBuildInfo()
	return VersionOf(program, info)
}

// String returns the version on one line.
func (v Version) String() string {
	parts := []string{v.Program, v.Version}
	if v.Commit != "" {
		commit := "commit " + v.Commit
		if v.Modified {
			commit += " with changes"
		}
		parts = append(parts, commit)
	}
	return strings.Join(append(parts, v.Go, v.Platform), " ")
}

// VersionCommand prints what the program was built from.
type VersionCommand struct{}

// Print prints the version of a program.
func (VersionCommand) Print(s *Streams, program string, asJSON bool) error {
	if asJSON {
		return s.PrintJSON(version(program))
	}
	_, err := fmt.Fprintln(s.Stdout, version(program))
	return err
}
