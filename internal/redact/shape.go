package redact

import "strings"

// A shape is a kind of token that can be recognised by its prefix.
type shape struct {
	prefix string
	// least is the minimum number of characters after the prefix.
	least int
	// also lists the allowed characters besides letters and digits.
	also string
}

// shapes returns the known tokens by their first letter.
func shapes(first byte) []shape {
	switch first {
	case 'g':
		return githubShapes[:]
	case 'x':
		return slackShapes[:]
	case 's':
		return sShapes[:]
	case 'r', 'w', 'd', 'h', 'n', 'p', 'A', 'y', 'I', 'F', 'S':
		return otherShapes[:]
	}
	return nil
}

var (
	githubShapes = [...]shape{
		{"ghp_", 20, ""}, {"gho_", 20, ""}, {"ghu_", 20, ""}, {"ghs_", 20, ""}, {"ghr_", 20, ""}, {"github_pat_", 20, "_"}, {"glpat-", 16, "-_"},
	}
	slackShapes = [...]shape{
		{"xoxb-", 10, "-"},
		{"xoxp-", 10, "-"},
		{"xoxa-", 10, "-"},
		{"xoxr-", 10, "-"},
		{"xoxs-", 10, "-"},
		{"xoxo-", 10, "-"},
		{"xoxe-", 10, "-."},
		{"xoxe.", 10, "-."},
		{"xoxc-", 10, "-"},
		{"xoxd-", 10, "-%"},
		{"xapp-", 10, "-"},
	}
	sShapes = [...]shape{
		{"sk_live_", 10, "_"}, {"sk_test_", 10, "_"}, {"sk-ant-", 20, "-_"}, {"sk-proj-", 20, "-_"}, {"shpat_", 20, ""}, {"shpss_", 20, ""},
	}
	otherShapes = [...]shape{
		{"rk_live_", 10, "_"},
		{"rk_test_", 10, "_"},
		{"whsec_", 20, "+/="},
		{"dckr_pat_", 20, "-_"},
		{"dop_v1_", 20, ""},
		{"hvs.", 20, "-_"},
		{"npm_", 30, ""},
		{"pypi-AgEI", 20, "-_"},
		{"AIza", 35, "-_"},
		{"ya29.", 20, "-_"},
		{"SG.", 40, "-_."},
		{"IQoJb3JpZ2lu", 60, "+/=%"},
		{"FwoGZXIvYXdz", 60, "+/=%"},
		{"FQoGZXIvYXdz", 60, "+/=%"},
	}
)

// shaped returns where the known token that starts at i ends, or 0.
func shaped(s string, i int) int {
	switch {
	case s[i] == '-' && strings.HasPrefix(s[i:], "-----BEGIN "):
		return privateKey(s, i)
	case s[i] == 'e' && strings.HasPrefix(s[i:], "eyJ"):
		return jwt(s, i)
	}
	for _, sh := range shapes(s[i]) {
		if !strings.HasPrefix(s[i:], sh.prefix) {
			continue
		}
		end := i + len(sh.prefix)
		for end < len(s) && (isAlnum(s[end]) || strings.IndexByte(sh.also, s[end]) >= 0) {
			end++
		}
		if end-i-len(sh.prefix) >= sh.least {
			return end
		}
	}
	return 0
}

// privateKey returns where a PEM block of a private key ends; for a cut one, the end of
// s.
func privateKey(s string, i int) int {
	line := s[i:min(len(s), i+80)]
	dashes := strings.Index(line[11:], "-----")
	if dashes < 0 || !strings.HasSuffix(line[:11+dashes], "PRIVATE KEY") && !strings.HasSuffix(line[:11+dashes], "PRIVATE KEY BLOCK") {
		return 0
	}
	after := i + 11 + dashes + 5
	if strings.HasPrefix(s[after:], Mark) {
		return 0
	}
	end := strings.Index(s[after:], "-----END ")
	if end < 0 {
		return len(s)
	}
	if n := strings.Index(s[after+end+9:], "-----"); n >= 0 {
		return after + end + 9 + n + 5
	}
	return len(s)
}

// maxHeader bounds the header of a JSON web token.
const maxHeader = 2 << 10

// jwt returns where a JSON web token ends: a header, a payload and a signature.
func jwt(s string, i int) int {
	segments, start, end := 0, i, i
	for ; ; end++ {
		if segments == 0 && end-i > maxHeader {
			return 0
		}
		if end < len(s) && (isAlnum(s[end]) || s[end] == '-' || s[end] == '_' || s[end] == '=') {
			continue
		}
		if end-start >= 8 || segments >= 2 {
			segments++
		}
		if end == len(s) || s[end] != '.' || end-start < 8 && segments < 2 {
			break
		}
		start = end + 1
	}
	if segments < 2 || !strings.Contains(s[i:end], ".eyJ") && !strings.HasPrefix(s[i:], "eyJhbGciOi") {
		return 0
	}
	return end
}

// accessKeyID returns where the AWS access key id that starts at i ends, or -1.
func accessKeyID(s string, i int) int {
	const size = 20
	if i+size > len(s) || s[i] != 'A' || s[i+1] != 'K' && s[i+1] != 'S' || s[i+2:i+4] != "IA" {
		return -1
	}
	for _, c := range []byte(s[i+4 : i+size]) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return -1
		}
	}
	if i+size < len(s) && isAlnum(s[i+size]) {
		return -1
	}
	return i + size
}

// secretAccessKey reports whether v has the shape of an AWS secret access key. Only
// beside a key id is that a secret.
func secretAccessKey(v string) bool {
	if len(v) != 40 {
		return false
	}
	var small, capital, digit bool
	for _, c := range []byte(v) {
		switch {
		case c >= 'a' && c <= 'z':
			small = true
		case c >= 'A' && c <= 'Z':
			capital = true
		case c >= '0' && c <= '9':
			digit = true
		case c == '+', c == '/', c == '=':
		default:
			return false
		}
	}
	return small && capital && digit
}

func isAlnum(c byte) bool { return kinds[c] >= small }
