package queuetest

import (
	"math/rand/v2"
	"strings"
)

// nastyBodies returns difficult bodies of failures by name. Each has some encoding that
// fits limit bytes with room for attributes.
func nastyBodies(limit int) map[string][]byte {
	random := make([]byte, limit/100*72)
	chacha := rand.NewChaCha8([32]byte{1})
	_, _ = chacha.Read(random) // never fails
	return map[string][]byte{
		"empty":          {},
		"text":           []byte("{\"v\":1,\"events\":[]}\r\n\tü \U0001F680"),
		"stand-in":       []byte("(empty)"),
		"nul":            {0},
		"nul in text":    []byte("text\x00text"),
		"invalid utf-8":  []byte("text \xff\xfe \xc3( \xed\xa0\x80"),
		"noncharacter":   []byte("\xef\xbf\xbe"),
		"looks encoded":  []byte("aGVsbG8="),
		"random":         random,
		"large text":     []byte(strings.Repeat("0123456789abcdef", limit*3/16)),
		"large not text": []byte(strings.Repeat("0123456789abcde\x00", limit*3/16)),
	}
}
