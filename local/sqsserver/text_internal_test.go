package sqsserver

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzText compares the fast paths for bodies with slow, plain ones.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"", "plain", `a "quote" and a \ backslash`, "tab\t, line\n, return\r", "long enough for words, \x7f é \U0001F600",
		"control \x01 in a long text", "1234567\x1f", "\ufffe", "\uffff", "\xff\xfe", "\xed\xa0\x80", "12345678\"", strings.Repeat("é", 20),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		want := utf8.Valid(text)
		for _, r := range string(text) {
			if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
				want = false
			}
		}
		if got := validText(text); got != want {
			t.Fatalf("validText(%q): got %v, want %v", text, got, want)
		}
		if !utf8.Valid(text) {
			return
		}
		quoted := appendQuoted(nil, text)
		var decoded string
		if err := json.Unmarshal(quoted, &decoded); err != nil || decoded != string(text) {
			t.Fatalf("appendQuoted(%q) = %s: %v", text, quoted, err)
		}
		standard, err := json.Marshal(string(text)) // escapes more
		if err != nil {
			t.Fatal(err)
		}
		for _, each := range [][]byte{quoted, standard} {
			back, err := unquote(nil, each)
			if err != nil || !bytes.Equal(back, text) {
				t.Fatalf("unquote(%s) = %q, %v", each, back, err)
			}
		}
	})
}

// FuzzUnquote compares unquote with encoding/json on what a decoder accepts.
func FuzzUnquote(f *testing.F) {
	for _, s := range []string{`""`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ud83d\u0041"`, `"\ude00\ud83d"`, `"\/\b\f\n\r\t\"\\"`, `"\u00"`, `"\x"`, `"\`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, quoted []byte) {
		got, err := unquote(nil, quoted)
		var want string
		if !utf8.Valid(quoted) || len(quoted) == 0 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' || json.Unmarshal(quoted, &want) != nil {
			return // it must not panic, no more
		}
		if err != nil || string(got) != want {
			t.Fatalf("unquote(%s) = %q, %v; want %q", quoted, got, err, want)
		}
	})
}
