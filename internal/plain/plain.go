// Package plain keeps control sequences in untrusted text from reaching a terminal.
package plain

import (
	"fmt"
	"io"
)

// Writer writes text for people to w. It escapes control characters that move the cursor, set
// colours or the like (as \x1b), and keeps line breaks and tabs. The counts that Write returns
// are bytes of the original text.
func Writer(w io.Writer) io.Writer { return writer{w} }

type writer struct{ w io.Writer }

func (w writer) Write(p []byte) (int, error) {
	if _, err := w.w.Write(visible(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// visible returns text with its control characters escaped.
func visible(text []byte) []byte {
	var out []byte
	from := 0
	for i := 0; i < len(text); i++ {
		n := 0
		switch c := text[i]; {
		case c < ' ' && c != '\n' && c != '\t', c == 0x7f:
			n = 1
		case c == 0xc2 && i+1 < len(text) && text[i+1] >= 0x80 && text[i+1] < 0xa0:
			n = 2 // a C1 control character
		default:
			continue
		}
		out = fmt.Appendf(append(out, text[from:i]...), `\x%02x`, text[i+n-1])
		i += n - 1
		from = i + 1
	}
	if from == 0 {
		return text
	}
	return append(out, text[from:]...)
}

// Text is s as Writer writes it.
func Text(s string) string { return string(visible([]byte(s))) }
