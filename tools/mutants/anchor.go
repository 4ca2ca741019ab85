package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// anchor is a line that ends in a comment with the names of the mutants that break it:
// in Go `//mutant:NAME`, in a view `{{- /* mutant:NAME */}}`, which its rendering leaves out, in a
// named query `-- mutant:NAME`.
// Where several break one line, commas are between their names.
type anchor struct {
	// file is from the root of the checkout, line from 1.
	file string
	line int
	// before and after are the file's text around the line.
	before, after string
	// code is the line without its indentation and the comment, which are indent and comment.
	indent, code, comment string
}

func (a *anchor) String() string { return fmt.Sprintf("%s:%d", a.file, a.line) }

var anchored = regexp.MustCompile(`(?m)^([ \t]*)(.*?)([ \t]*(?://|--|<!--|\{\{- /\*) ?mutant:([\w,-]+)(?:| \*/\}\}|-->))$`)

// anchors returns the anchors by the names of mutants. An overlay reaches only what the go
// command compiles or embeds, so no other files are read.
func anchors(root string) (map[string][]*anchor, error) {
	found := map[string][]*anchor{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		switch {
		case d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "tools"):
			return filepath.SkipDir
		case d.IsDir(), !slices.Contains([]string{".go", ".sql"}, filepath.Ext(name)):
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		text := string(b)
		for _, at := range anchored.FindAllStringSubmatchIndex(text, -1) {
			group := func(n int) string { return text[at[2*n]:at[2*n+1]] }
			a := &anchor{
				file: filepath.ToSlash(file), line: strings.Count(text[:at[0]], "\n") + 1,
				before: text[:at[0]], after: text[at[1]:],
				indent: group(1), code: group(2), comment: group(3),
			}
			for name := range strings.SplitSeq(group(4), ",") {
				found[name] = append(found[name], a)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for the mutants' anchors: %w", err)
	}
	return found, nil
}

// locate sets the file and the text of each mutant. It reports mutants that do not fit
// their line, and anchors without a mutant.
func locate(root string, all []mutant) error {
	found, err := anchors(root)
	if err != nil {
		return err
	}
	var errs []error
	for i := range all {
		m := &all[i]
		at := found[m.name]
		delete(found, m.name)
		switch {
		case m.frozen != "" && len(at) > 0:
			err = fmt.Errorf("%s: it replaces text of %s, and needs no anchor: remove it", at[0], m.frozen)
		case m.frozen != "":
			err = m.breakFrozen(root)
		case len(at) == 0:
			err = fmt.Errorf("no line ends in //mutant:%s: add that to the line that it is to break; `git log -S mutant:%s` shows where it was", m.name, m.name)
		case len(at) > 1:
			err = fmt.Errorf("%s and %s end in mutant:%s: keep it on the line that it is to break", at[0], at[1], m.name)
		default:
			err = m.breakLine(at[0])
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("mutant %s: %w", m.name, err))
		}
	}
	for name, at := range found {
		errs = append(errs, fmt.Errorf("%s: no mutant is called %s: remove the comment, or declare the mutant in tools/mutants", at[0], name))
	}
	return errors.Join(errs...)
}

// breakLine applies the mutant to its line.
func (m *mutant) breakLine(a *anchor) error {
	line := a.indent + m.new
	switch n := strings.Count(a.code, m.old); {
	case m.old == "" && m.new == "":
		line = ""
	case m.old == "":
	case n != 1:
		return fmt.Errorf("%s has %q %d times, not once, in %q: correct old and new in tools/mutants", a, m.old, n, a.code)
	default:
		line = a.indent + strings.Replace(a.code, m.old, m.new, 1) + a.comment
	}
	if line == a.indent+a.code || line == a.indent+a.code+a.comment {
		return fmt.Errorf("%s stays as it is, %q: correct new in tools/mutants, or the anchor", a, a.code)
	}
	m.file, m.text = a.file, a.before+line+a.after
	return nil
}

// breakFrozen applies the mutant to a file without anchors.
func (m *mutant) breakFrozen(root string) error {
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.frozen)))
	if err != nil {
		return err
	}
	if n := strings.Count(string(b), m.old); n != 1 || m.old == m.new {
		return fmt.Errorf("%s has %q %d times, and should have it once and be changed: correct old and new in tools/mutants", m.frozen, m.old, n)
	}
	m.file, m.text = m.frozen, strings.Replace(string(b), m.old, m.new, 1)
	return nil
}
