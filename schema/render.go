package schema

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Statement is one rendered statement of a migration.
type Statement struct {
	// Migration numbers the file, Number the statement in it, both from 1.
	Migration, Number int
	// Name is the file's name without number and extension.
	Name string
	// SQL is the statement without its semicolon, and may hold the password of
	// Target: it is not for logs.
	SQL string
}

// migration is one rendered file.
type migration struct {
	number   int
	name     string
	checksum string // of the file before rendering, SHA-256 in hexadecimal
	sql      []string
}

// Render makes the statements of every migration for t, in order.
func Render(t Target) ([]Statement, error) {
	migrations, err := render(migrationFiles, t)
	if err != nil {
		return nil, err
	}
	var out []Statement
	for _, m := range migrations {
		for i, sql := range m.sql {
			out = append(out, Statement{Migration: m.number, Number: i + 1, Name: m.name, SQL: sql})
		}
	}
	return out, nil
}

// Script joins statements to a text that a ClickHouse client runs.
func Script(statements []Statement) string {
	var b strings.Builder
	for _, s := range statements {
		b.WriteString(s.SQL)
		b.WriteString(";\n\n")
	}
	return b.String()
}

func render(files fs.FS, t Target) ([]migration, error) {
	if _, err := ParseKind(string(t.Kind)); err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("listing migrations: %w", err)
	}
	slices.Sort(names)
	var out []migration
	for i, name := range names {
		m, err := renderFile(files, name, t)
		if err != nil {
			return nil, fmt.Errorf("rendering %s: %w", path.Base(name), err)
		}
		if m.number != i+1 {
			return nil, fmt.Errorf("rendering %s: it should be number %d: numbers follow each other without gaps", path.Base(name), i+1)
		}
		out = append(out, m)
	}
	return out, nil
}

func renderFile(files fs.FS, name string, t Target) (migration, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return migration{}, err
	}
	digits, title, found := strings.Cut(strings.TrimSuffix(path.Base(name), ".sql"), "_")
	number, err := strconv.Atoi(digits)
	if err != nil || !found {
		return migration{}, errors.New(`the name is not of the form "0001_title.sql"`)
	}
	parsed, err := template.New(path.Base(name)).Funcs(template.FuncMap{
		"on_cluster":      t.onCluster,
		"local":           t.local,
		"parts":           t.parts,
		"engine":          t.engine,
		"global_engine":   t.globalEngine,
		"settings":        t.settings,
		"distributed":     t.distributed,
		"dictionary_user": t.dictionaryUser,
	}).Parse(string(text))
	if err != nil {
		return migration{}, err
	}
	var b bytes.Buffer
	if err := parsed.Execute(&b, nil); err != nil {
		return migration{}, err
	}
	sum := sha256.Sum256(text)
	m := migration{number: number, name: title, checksum: hex.EncodeToString(sum[:]), sql: split(b.String())}
	if len(m.sql) == 0 {
		return migration{}, errors.New("it holds no statement")
	}
	return m, nil
}

// split cuts a text into statements: one ends with a semicolon at the end of a
// line. Comments before a statement stay with it.
func split(text string) []string {
	var out []string
	var lines []string
	sql := false // whether lines hold more than comments
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" && len(lines) == 0 {
			continue
		}
		comment := strings.HasPrefix(strings.TrimSpace(line), "--")
		end := !comment && strings.HasSuffix(line, ";")
		lines = append(lines, strings.TrimSuffix(line, ";"))
		if comment {
			lines[len(lines)-1] = line
		}
		sql = sql || line != "" && !comment
		if end {
			out = append(out, strings.Join(lines, "\n"))
			lines, sql = nil, false
		}
	}
	if sql {
		out = append(out, strings.Join(lines, "\n"))
	}
	return out
}
