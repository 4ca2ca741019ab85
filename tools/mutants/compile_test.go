package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/template/parse"
)

// goPackage is what `go list` says of a package.
type goPackage struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// goPackages compiles the folders' packages and all that these import. It returns the former by
// folder, and an importer of the latter.
func goPackages(root string, folders []string) (map[string]goPackage, types.Importer, error) {
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles"}, folders...)
	cmd := osexec.Command("go", args...)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("go list: %w", err)
	}
	byDir, exports := map[string]goPackage{}, map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, nil, err
		}
		exports[p.ImportPath] = p.Export
		if dir, err := filepath.Rel(root, p.Dir); err == nil {
			byDir[filepath.ToSlash(dir)] = p
		}
	}
	return byDir, importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }), nil
}

// compile reports the located mutants that do not compile. Of SQL it parses only the template, so
// a test must say why it failed.
func compile(root string, all []mutant) error {
	folders := map[string]bool{}
	for _, m := range all {
		if strings.HasSuffix(m.file, ".go") {
			folders["./"+filepath.ToSlash(filepath.Dir(m.file))] = true
		}
	}
	packages, imported, err := goPackages(root, slices.Sorted(maps.Keys(folders)))
	if err != nil {
		return err
	}
	var errs []error
	for _, m := range all {
		if strings.HasSuffix(m.file, ".go") {
			err = compileGo(root, packages[filepath.ToSlash(filepath.Dir(m.file))], imported, m)
		} else {
			err = compileSQL(m)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("mutant %s of %s: correct new in tools/mutants: %w", m.name, m.file, err))
		}
	}
	return errors.Join(errs...)
}

func compileGo(root string, p goPackage, imported types.Importer, m mutant) error {
	fset := token.NewFileSet()
	mutated, err := parser.ParseFile(fset, m.file, m.text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	name := filepath.Base(m.file)
	if !slices.Contains(p.GoFiles, name) {
		return nil // the file of another system
	}
	files := []*ast.File{mutated}
	for _, other := range p.GoFiles {
		if other == name {
			continue
		}
		f, err := parser.ParseFile(fset, filepath.Join(root, filepath.Dir(m.file), other), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	var errs []error
	config := types.Config{Importer: imported, Error: func(err error) { errs = append(errs, err) }}
	_, _ = config.Check(p.ImportPath, fset, files, nil) // its error is the first of errs
	return errors.Join(errs...)
}

func compileSQL(m mutant) error {
	if m.says == "" {
		return errors.New("broken SQL fails every test: give it says")
	}
	t := parse.New(m.name)
	t.Mode = parse.SkipFuncCheck
	_, err := t.Parse(m.text, "", "", map[string]*parse.Tree{})
	return err
}
