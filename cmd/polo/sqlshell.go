package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"polo/internal/cli"
	"polo/internal/redact"
	"polo/local/stack"
)

// interactive runs the statements that a person types.
func (c *sqlCmd) interactive(ctx context.Context, e *env, ends stack.Endpoints) (err error) {
	h, err := openHistory(filepath.Join(c.Data, "sql_history"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	fd := int(e.Stdin.(*os.File).Fd())
	sh := newShell(struct {
		io.Reader
		io.Writer
	}{e.Stdin, e.Raw}, h)
	sh.raw = func() (func() error, error) {
		state, err := term.MakeRaw(fd)
		if err != nil {
			return nil, fmt.Errorf("reading from the terminal: %w", err)
		}
		if width, height, err := term.GetSize(fd); err == nil && width > 0 {
			_ = sh.terminal.SetSize(width, height) // it only affects drawing
		}
		return func() error { return term.Restore(fd, state) }, nil
	}
	if _, err := fmt.Fprintln(e.Stderr, "A statement ends with a semicolon. Ctrl-C cancels it; exit or Ctrl-D ends."); err != nil {
		return err
	}
	return sh.serve(ctx, func(query string) error {
		part, end := cli.Part(ctx)
		defer end()
		err := c.run(part, e, ends, query)
		if err == nil || ctx.Err() != nil {
			return err
		}
		text := redact.Text(err.Error())
		if part.Err() != nil {
			text = "cancelled"
		}
		_, err = fmt.Fprintln(e.Stderr, text)
		return err
	})
}

// shell reads statements from a terminal. Each ends with a semicolon, and may have many lines.
type shell struct {
	keys     *keys
	terminal *term.Terminal
	history  *history
	// raw, if set, prepares the terminal for reading a line, and returns a function that undoes
	// that.
	raw func() (undo func() error, err error)
}

func newShell(rw io.ReadWriter, h *history) *shell {
	s := &shell{keys: &keys{ReadWriter: rw}, history: h}
	s.begin()
	return s
}

// begin creates a terminal without any input.
func (s *shell) begin() {
	s.terminal = term.NewTerminal(s.keys, "")
	s.terminal.History = s.history
}

// serve passes every statement to run, until exit, the end of the input, or an error of run.
func (s *shell) serve(ctx context.Context, run func(query string) error) error {
	var lines []string
	for ctx.Err() == nil {
		prompt := "polo> "
		if len(lines) > 0 {
			prompt = "   -> "
		}
		line, err := s.line(prompt)
		switch {
		case errors.Is(err, errCancelled):
			lines = nil
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if len(lines) == 0 {
			switch strings.ToLower(strings.Trim(line, " \t;")) {
			case "":
				continue
			case "exit", "quit", `\q`:
				return nil
			}
		}
		lines = append(lines, line)
		query := strings.Join(lines, "\n")
		if !ended(query) {
			continue
		}
		lines = nil
		if err := s.history.remember(query); err != nil {
			return err
		}
		if err := run(query); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// errCancelled means that Ctrl-C discarded the input.
var errCancelled = errors.New("cancelled")

func (s *shell) line(prompt string) (text string, err error) {
	if s.raw != nil {
		undo, err := s.raw()
		if err != nil {
			return "", err
		}
		defer func() { err = errors.Join(err, undo()) }()
	}
	s.keys.cancelled = false
	s.terminal.SetPrompt(prompt)
	text, err = s.terminal.ReadLine()
	if errors.Is(err, io.EOF) && s.keys.cancelled {
		s.begin()
		_, err = io.WriteString(s.keys, "^C\r\n")
		return "", errors.Join(errCancelled, err)
	}
	return text, err
}

// keys are the typed keys. The terminal treats Ctrl-C as the end of input; here it discards a line.
type keys struct {
	io.ReadWriter
	cancelled bool
}

func (k *keys) Read(p []byte) (int, error) {
	n, err := k.ReadWriter.Read(p)
	k.cancelled = k.cancelled || bytes.IndexByte(p[:n], 3) >= 0
	return n, err
}

// ended reports whether a statement ends with a semicolon outside strings, names and comments.
func ended(query string) bool {
	ends := false
	for i := 0; i < len(query); i++ {
		rest := query[i:]
		switch c := query[i]; {
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "#!"), strings.HasPrefix(rest, "# "):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				return ends
			}
			i += n
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return false
			}
			i += n + 3
		case c == '\'' || c == '"' || c == '`':
			n := quoted(rest)
			if n < 0 {
				return false
			}
			i += n
			ends = false
		case c == ';':
			ends = true
		case c != ' ' && c != '\t' && c != '\n' && c != '\r':
			ends = false
		}
	}
	return ends
}

// quoted returns the index of a quoted text's closing quote; below 0 if there is none.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i
		}
	}
	return -1
}
