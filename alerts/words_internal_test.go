package alerts

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClip(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "short", strings.Repeat("x", 512), strings.Repeat("ü", 300), strings.Repeat("€", 400) + "1", "\xff", strings.Repeat("a\xff", 400)} {
		for _, got := range []string{clipLabel(text), clip(text, mostLabel)} {
			if len(got) > mostLabel || !utf8.ValidString(got) {
				t.Errorf("%.20q became %d bytes: %q", text, len(got), got)
			}
		}
	}
	if a, b := clipLabel(strings.Repeat("x", 600)+"a"), clipLabel(strings.Repeat("x", 600)+"b"); a == b {
		t.Errorf("two labels became one: %q", a)
	}
	if got := clip("short", mostLabel); got != "short" {
		t.Errorf("%q", got)
	}
}
