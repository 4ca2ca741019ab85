package schema

import (
	"bytes"
	"cmp"
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

// sqlFiles holds the SQL. migrations and moves are numbered files, applied once and never edited:
// migrations create tables, moves move rows between them. The tables come first, then the views,
// then the moves, so that during a move every view fills its table. Each file of views is a view or
// dictionary of the same name, and is applied again whenever it changes.
//
//go:embed migrations/*.sql views/*.sql views/parts/*.sql moves/*.sql
var sqlFiles embed.FS

// Statement is one rendered statement of a migration or view.
type Statement struct {
	// Migration is the number of the file, 0 for a view; Number is that of the statement in it,
	// from 1.
	Migration, Number int
	// Name is the file's name without number and extension.
	Name string
	// SQL is the statement without its semicolon. Do not log it: it may contain the password of
	// Target.
	SQL string
}

// migration is one rendered file.
type migration struct {
	number   int // 0: a view
	name     string
	checksum string // of the file before rendering, SHA-256 in hexadecimal
	sql      []string
}

// title names it in errors.
func (m migration) title() string {
	if m.number == 0 {
		return "view " + m.name
	}
	return fmt.Sprintf("migration %04d_%s", m.number, m.name)
}

// Render returns the statements of every migration and view for t, in order.
func Render(t Target) ([]Statement, error) {
	migrations, err := render(sqlFiles, t)
	if err != nil {
		return nil, err
	}
	var out []Statement
	for _, m := range migrations {
		out = append(out, m.statements()...)
	}
	return out, nil
}

func (m migration) statements() []Statement {
	out := make([]Statement, len(m.sql))
	for i, sql := range m.sql {
		out[i] = Statement{Migration: m.number, Number: i + 1, Name: m.name, SQL: sql}
	}
	return out
}

// Script joins statements into a text for a ClickHouse client.
func Script(statements []Statement) string {
	var b strings.Builder
	for _, s := range statements {
		b.WriteString(s.SQL)
		b.WriteString(";\n\n")
	}
	return b.String()
}

// render returns every migration and view for t, in the order they are applied.
func render(files fs.FS, t Target) ([]migration, error) {
	if _, err := ParseKind(string(t.Kind)); err != nil {
		return nil, err
	}
	tables, err := renderFolder(files, "migrations", t)
	if err != nil {
		return nil, err
	}
	views, err := renderFolder(files, "views", t)
	if err != nil {
		return nil, err
	}
	moves, err := renderFolder(files, "moves", t)
	if err != nil {
		return nil, err
	}
	numbered := slices.SortedFunc(slices.Values(slices.Concat(tables, moves)), func(a, b migration) int { return cmp.Compare(a.number, b.number) })
	for i, m := range numbered {
		if m.number != i+1 {
			return nil, fmt.Errorf("rendering %s: it should be number %d: numbers follow each other without gaps", m.title(), i+1)
		}
	}
	return slices.Concat(tables, inOrder(views), moves), nil
}

func renderFolder(files fs.FS, folder string, t Target) ([]migration, error) {
	names, err := fs.Glob(files, folder+"/*.sql")
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", folder, err)
	}
	slices.Sort(names)
	out := make([]migration, len(names))
	for i, name := range names {
		if out[i], err = renderFile(files, name, t); err != nil {
			return nil, fmt.Errorf("rendering %s: %w", name, err)
		}
	}
	return out, nil
}

func renderFile(files fs.FS, name string, t Target) (migration, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return migration{}, err
	}
	m := migration{name: strings.TrimSuffix(path.Base(name), ".sql")}
	if path.Dir(name) != "views" {
		if m.number, m.name, err = numberOf(m.name); err != nil {
			return migration{}, err
		}
	}
	if bytes.Contains(text, []byte("{{template")) && m.number == 0 {
		parts, err := fs.Glob(files, "views/parts/*.sql")
		if err != nil {
			return migration{}, err
		}
		for _, part := range parts {
			shared, err := fs.ReadFile(files, part)
			if err != nil {
				return migration{}, err
			}
			text = slices.Concat(shared, text)
		}
	}
	sql, err := execute(string(text), t)
	if err != nil {
		return migration{}, err
	}
	if m.sql = split(sql); len(m.sql) == 0 {
		return migration{}, errors.New("it holds no statement")
	}
	sum := sha256.Sum256(text)
	m.checksum = hex.EncodeToString(sum[:])
	return m, nil
}

// numberOf parses the name of a migration's file.
func numberOf(name string) (number int, title string, err error) {
	digits, title, found := strings.Cut(name, "_")
	if number, err = strconv.Atoi(digits); err != nil || !found || number < 1 {
		return 0, "", errors.New(`the name is not of the form "0001_title.sql"`)
	}
	return number, title, nil
}

// execute renders a file's text for t.
func execute(text string, t Target) (string, error) {
	parsed, err := template.New("").Funcs(template.FuncMap{
		"on_cluster":      t.onCluster,
		"local":           t.local,
		"parts":           t.parts,
		"engine":          t.engine,
		"global_engine":   t.globalEngine,
		"plain_engine":    t.plainEngine,
		"cluster":         func() bool { return t.Kind == Cluster },
		"settings":        t.settings,
		"distributed":     t.distributed,
		"dictionary_user": t.dictionaryUser,
	}).Parse(text)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := parsed.Execute(&b, nil); err != nil {
		return "", err
	}
	return b.String(), nil
}

// split splits a text into statements. A semicolon at the end of a line ends a statement. Comments
// before a statement stay with it.
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
