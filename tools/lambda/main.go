// Command lambda builds Polo's Lambda functions. For AWS it builds a zip of each, with
// the program as bootstrap, byte for byte reproducible from the same source. With -native
// it builds programs that run here.
package main

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// architectures maps AWS's names to Go's.
var architectures = map[string]string{"arm64": "arm64", "x86_64": "amd64"}

func main() {
	root := flag.String("root", "..", "the project's folder")
	out := flag.String("out", "build/lambda", "where to put them, below the project's folder")
	arch := flag.String("arch", "arm64,x86_64", "for which architectures")
	native := flag.Bool("native", false, "build programs for this machine instead, without a zip")
	only := flag.String("only", "", "which functions, a regular expression")
	flag.Parse()
	if err := run(*root, *out, *arch, *only, *native); err != nil {
		fmt.Fprintln(os.Stderr, "lambda:", err)
		os.Exit(1)
	}
}

func run(root, out, arch, only string, native bool) error {
	match, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	all, err := functions(root)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(f function) bool { return !match.MatchString(f.name) })
	if len(all) == 0 {
		return errors.New("no such function")
	}
	folder := filepath.Join(root, out)
	if native {
		for _, f := range all {
			if err := f.compile(root, filepath.Join(out, "native", f.name), nil); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Printf("%-16s %-7s %11s %11s  %s\n", "function", "arch", "bootstrap", "zip", "sha256 of the zip")
	for name := range strings.SplitSeq(arch, ",") {
		goarch, known := architectures[name]
		if !known {
			return fmt.Errorf("-arch: %q is neither arm64 nor x86_64", name)
		}
		for _, f := range all {
			if err := f.pack(root, folder, name, goarch); err != nil {
				return err
			}
		}
	}
	return nil
}

// function is one main package.
type function struct{ name, path string }

// functions returns the main packages in folders called lambda, named after their path
// below the project or its producers: "consumer", "github", "github-webhooks".
func functions(root string) ([]function, error) {
	list := exec.Command("go", "list", "-f", "{{.Name}} {{.ImportPath}}", "./alerts/...", "./consumer/...", "./producers/...")
	list.Dir, list.Stderr = root, os.Stderr
	text, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("listing the packages: %w", err)
	}
	var out []function
	for line := range strings.Lines(string(text)) {
		name, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "main" && strings.HasSuffix(path, "/lambda") {
			below := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSuffix(path, "/lambda"), "polo/"), "producers/")
			out = append(out, function{strings.ReplaceAll(below, "/", "-"), path})
		}
	}
	return out, nil
}

func (f function) compile(root, out string, target []string) error {
	args := []string{"build", "-o", out}
	if target != nil {
		// Leave out what a build stamps into its result and would differ between folders
		// and clones.
		args = append(args, "-trimpath", "-buildvcs=false", "-tags=lambda.norpc", "-ldflags=-s -w -buildid=")
	}
	build := exec.CommandContext(context.Background(), "go", append(args, f.path)...)
	build.Dir, build.Stdout, build.Stderr = root, os.Stdout, os.Stderr
	build.Env = append(os.Environ(), target...)
	if err := build.Run(); err != nil {
		return fmt.Errorf("building %s: %w", f.name, err)
	}
	return nil
}

func (f function) pack(root, folder, arch, goarch string) (err error) {
	scratch, err := os.MkdirTemp("", "polo-lambda")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	program := filepath.Join(scratch, "bootstrap")
	if err := f.compile(root, program, []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=" + goarch, "GOAMD64=v1", "GOFLAGS=-mod=readonly"}); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	path := filepath.Join(folder, f.name+"-"+arch+".zip")
	size, err := archive(path, program)
	if err != nil {
		return fmt.Errorf("packing %s: %w", f.name, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	fmt.Printf("%-16s %-7s %11d %11d  %x\n", f.name, arch, size, len(text), sha256.Sum256(text))
	return nil
}

// archive zips one program without a timestamp, which would differ.
func archive(path, program string) (size int64, err error) {
	in, err := os.Open(program)
	if err != nil {
		return 0, err
	}
	defer func() { _ = in.Close() }() // nothing was written
	out, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	z := zip.NewWriter(out)
	h := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	h.SetMode(0o755)
	w, err := z.CreateHeader(h)
	if err != nil {
		return 0, err
	}
	if size, err = io.Copy(w, in); err != nil {
		return 0, err
	}
	return size, z.Close()
}
