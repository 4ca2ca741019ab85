package cli

import (
	"encoding/json"
	"io"
	"os"

	"golang.org/x/term"

	"polo/internal/plain"
)

// Streams are a command's standard input and outputs.
type Streams struct {
	Stdin io.Reader
	// Stdout is for people: it writes control characters visibly. Raw is the same stream unchanged.
	Stdout, Raw, Stderr io.Writer
	// Width is the columns available to a table on Stdout; 0 if Stdout is no terminal.
	Width int
	// Person reports whether a person reads Stderr; then progress is shown.
	Person bool
}

// defaultWidth is the width of a terminal that does not report its own.
const defaultWidth = 80

// NewStreams inspects the given streams.
func NewStreams(stdin io.Reader, stdout, stderr io.Writer) *Streams {
	s := &Streams{Stdin: stdin, Stdout: plain.Writer(stdout), Raw: stdout, Stderr: stderr}
	if IsTerminal(stdout) {
		s.Width = defaultWidth
		if width, _, err := term.GetSize(int(stdout.(*os.File).Fd())); err == nil && width > 0 {
			s.Width = width
		}
	}
	s.Person = IsTerminal(stderr)
	return s
}

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && f != nil && term.IsTerminal(int(f.Fd()))
}

// PrintJSON prints v, indented.
func (s *Streams) PrintJSON(v any) error {
	enc := json.NewEncoder(s.Stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
