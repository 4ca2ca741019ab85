package plain_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"polo/internal/plain"
)

func TestWriter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                "",
		"plain, größer, 日本\n\ttext":       "plain, größer, 日本\n\ttext",
		"a\x1b[31mred\x1b[0m":             `a\x1b[31mred\x1b[0m`,
		"\x00\a\b\r\x7f":                  `\x00\x07\x08\x0d\x7f`,
		"\u009b31m and \u00a0 and \u00c2": `\x9b31m and ` + "\u00a0 and \u00c2",
		"\xc2":                            "\xc2",
	} {
		var out bytes.Buffer
		if n, err := plain.Writer(&out).Write([]byte(text)); n != len(text) || err != nil || out.String() != want {
			t.Errorf("%q is %q, %d, %v", text, out.String(), n, err)
		}
	}
	r, w := io.Pipe()
	_ = r.Close() // make every write fail
	if _, err := plain.Writer(w).Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}
