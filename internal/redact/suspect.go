package redact

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unsafe"
)

// Suspect reports whether a text may hold a secret. It only checks every third offset for
// the words that the rules need, so it is much faster than Bytes.
func Suspect(b []byte) bool { return suspect(unsafe.String(unsafe.SliceData(b), len(b))) }

// A marker is a lower-case text that every secret of a kind contains or follows.
type marker struct {
	text string
	kind markerKind
	// at is where the three indexed offsets start.
	at int
}

type markerKind uint8

const (
	// markName is part of a name that a value follows.
	markName markerKind = iota
	// markToken starts a known token.
	markToken
	// markKeyID starts an AWS access key id.
	markKeyID
	// markCommand is a command that takes a password after a flag.
	markCommand
	// markSure needs no further check.
	markSure
)

// markers lists all markers.
func markers() []marker {
	var all []marker
	add := func(kind markerKind, texts ...string) {
		for _, t := range texts {
			all = append(all, marker{text: t, kind: kind})
		}
	}
	add(markName, "passw", "passp", "passc", "passk", `pass"`, "pass=", "pass:", `pass\`, "pass ", "pass'", "secret", "token", "creden", "creds", "cookie", "authoriz", "auths",
		"plaint", "dockerc", "netrc", "signature", "auth=", "?sig=", "&sig=", "pwd", "jwt")
	for _, sep := range []string{"", "_", "-", " "} {
		for _, parts := range [][2]string{
			{"api", "key"},
			{"ss", "key"},
			{"ed", "key"},
			{"ng", "key"},
			{"nt", "key"},
			{"th", "key"},
			{"er", "key"},
			{"te", "key"},
			{"on", "str"},
			{"nn", "str"},
			{"er", "data"},
			{"om", "data"},
			{"key", "mater"},
			{"saml", "asser"},
			{"auth", "param"},
			{"string", "seed"},
			{"qr", "code"},
			{"kube", "conf"},
			{"nation", "conf"},
			{"ship", "challen"},
			{"plain", "text"},
			{"hub", "pat"},
			{"gh", "pat"},
			{"lab", "pat"},
			{"ure", "pat"},
			{"ops", "pat"},
			{"ado", "pat"},
		} {
			// Index by the letters: an ending in a separator, such as "ed-", is too common.
			all = append(all, marker{text: parts[0] + sep + parts[1], kind: markName, at: len(sep)})
		}
	}
	add(markCommand, "mysql", "mariadb", "sshpass", "mongo", "ldaps", "sqlcmd", "login -", `login"`, "login'", "redis-cli", "smbclient", "curl ", `curl"`, "curl'", "wget ", `wget"`, "wget'")
	for _, letters := range [][]shape{githubShapes[:], slackShapes[:], sShapes[:], otherShapes[:]} {
		for _, s := range letters {
			add(markToken, strings.ToLower(s.prefix))
		}
	}
	add(markToken, "eyjhbgcio")
	for c := 'a'; c <= 'z'; c++ {
		add(markSure, ".eyj"+string(c))
	}
	for c := '0'; c <= '9'; c++ {
		add(markSure, ".eyj"+string(c))
	}
	add(markSure, "-----begin ", "hooks.slack.com/serv", ":thin:", "securestring", "bearer ", "basic ")
	add(markSure, `\u002`, `\u003`, `\u004`, `\u005`, `\u006`, `\u007`)
	add(markKeyID, "akia", "asia")
	return all
}

// markerTable finds the markers that may contain three given bytes. It is small enough to
// stay in the CPU cache.
type markerTable struct {
	// used has a bit for each hash of three bytes that occurs in a marker.
	used [1 << usedBits / 64]uint64
	// starts maps a hash's leading bits to its first part; its parts end where those of the
	// next start.
	starts  [1<<startBits + 1]uint16
	parts   []part
	markers []marker
}

// part is three folded bytes of a marker, and the marker's bytes before and after them; 0
// for none.
type part struct {
	three         uint32
	before, after byte
	marker        uint16
	// offset is the bytes' offset in the marker; negative if they start before it.
	offset int8
}

// fold folds the case of three bytes.
func fold(x uint32) uint32 { return x&0xffffff | 0x202020 }

const (
	usedBits  = 16
	startBits = 12
)

// hash hashes three bytes regardless of case. Its factor was chosen so that common text of
// AWS rarely collides with markers.
func hash(three uint32) uint32 { return fold(three) * 0x834960A3 >> (32 - usedBits) }

var table = newMarkerTable()

// newMarkerTable enters each marker by the three bytes at each of three consecutive
// offsets, one of which is always checked. A short marker is entered with every byte that
// may stand beside it.
func newMarkerTable() *markerTable {
	const (
		around = "abcdefghijklmnopqrstuvwxyz0123456789\"'=:\\_-. /&?;@<>(,[{|`$!#%+*~^\n\t"
		parted = "\"'=:\\ /,;(&?<>@ntr\n\t-_.|`[{"
		within = "\"'=:\\_- .&;ntr0123456789abcdefhsk"
	)
	t := &markerTable{markers: markers()}
	for k, m := range t.markers {
		switch {
		case len(m.text) >= 5:
			for offset := m.at; offset < m.at+3; offset++ {
				t.enter(k, offset, m.text[offset:offset+3])
			}
		case len(m.text) == 4:
			t.enter(k, 0, m.text[:3])
			t.enter(k, 1, m.text[1:])
			for _, c := range []byte(parted) {
				t.enter(k, -1, string(c)+m.text[:2])
			}
		default:
			t.enter(k, 0, m.text)
			for _, c := range []byte(around) {
				t.enter(k, -1, string(c)+m.text[:2])
			}
			for _, c := range []byte(within) {
				t.enter(k, 1, m.text[1:]+string(c))
			}
		}
	}
	slices.SortFunc(t.parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(start(hash(a.three)), start(hash(b.three))), cmp.Compare(a.marker, b.marker), cmp.Compare(a.offset, b.offset), cmp.Compare(a.three, b.three))
	})
	t.parts = slices.Compact(t.parts)
	for _, p := range t.parts {
		t.starts[start(hash(p.three))+1]++
	}
	for h := range 1 << startBits {
		t.starts[h+1] += t.starts[h]
	}
	return t
}

// start returns a hash's leading bits.
func start(hash uint32) uint32 { return hash >> (usedBits - startBits) }

func (t *markerTable) enter(k, offset int, three string) {
	text := t.markers[k].text
	p := part{three: fold(threeAt(three, 0)), marker: uint16(k), offset: int8(offset)}
	if offset > 0 {
		p.before = text[offset-1] | 0x20
	}
	if offset+3 < len(text) {
		p.after = text[offset+3] | 0x20
	}
	h := hash(p.three)
	t.used[h/64] |= 1 << (h % 64)
	t.parts = append(t.parts, p)
}

func suspect(s string) bool {
	for at := 0; ; at++ {
		n := strings.IndexByte(s[at:], '@')
		if n < 0 {
			break
		}
		at += n
		if inURL(s, at) {
			return true
		}
	}
	l := look{s: s}
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	i := 0
	for ; i+13 <= len(b); i += 12 {
		c := b[i : i+13 : i+13]
		x, y := hash(binary.LittleEndian.Uint32(c)), hash(binary.LittleEndian.Uint32(c[3:]))
		z, w := hash(binary.LittleEndian.Uint32(c[6:])), hash(binary.LittleEndian.Uint32(c[9:]))
		for found := table.has(x) | table.has(y)<<3 | table.has(z)<<6 | table.has(w)<<9; found != 0; found &= found - 1 {
			if l.at(i + bits.TrailingZeros64(found)) {
				return true
			}
		}
	}
	for ; i+3 <= len(b); i += 3 {
		if l.has(i) && l.at(i) {
			return true
		}
	}
	if len(b) < 4 {
		return false
	}
	// A short marker at the beginning or the end has nothing beside it.
	for _, i := range [...]int{1, len(b) - 4, len(b) - 3} {
		if l.has(i) && l.at(i) {
			return true
		}
	}
	return false
}

// has returns 1 if three bytes with that hash may be part of a marker, else 0.
func (t *markerTable) has(h uint32) uint64 { return t.used[h/64] >> (h % 64) & 1 }

func threeAt(s string, i int) uint32 { return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 }

// look checks the places in a text where a marker was found.
type look struct {
	s string
	// holds caches holdsNear for a short text; asked says that it is set.
	holds, asked bool
}

func (l *look) has(i int) bool { return table.has(hash(threeAt(l.s, i))) != 0 }

// at reports whether a marker stands around i and may mark a secret.
func (l *look) at(i int) bool {
	s, x := l.s, fold(threeAt(l.s, i))
	h := start(hash(x))
	for _, p := range table.parts[table.starts[h]:table.starts[h+1]] {
		if p.three != x || p.before != 0 && (i == 0 || s[i-1]|0x20 != p.before) || p.after != 0 && (i+3 >= len(s) || s[i+3]|0x20 != p.after) {
			continue
		}
		m := &table.markers[p.marker]
		from := i - int(p.offset)
		to := from + len(m.text)
		if from >= 0 && to <= len(s) && folds(s[from:to], m.text) && l.confirms(m.kind, from, to) {
			return true
		}
	}
	return false
}

// folds reports whether s equals text, regardless of case.
func folds(s, text string) bool {
	for i := range len(text) {
		if s[i] != text[i] && (s[i]|0x20 != text[i] || s[i] < 'A' || s[i] > 'Z') {
			return false
		}
	}
	return true
}

// confirms reports whether the marker from start to end may mark a secret.
func (l *look) confirms(kind markerKind, start, end int) bool {
	s := l.s
	switch kind {
	case markName:
		return l.namesSecret(start, end)
	case markToken:
		return shaped(s, start) > 0
	case markKeyID:
		return accessKeyID(s, start) > 0 && !afterKeyIDName(s, start)
	case markCommand:
		after := s[end-1 : min(len(s), end+maxCommand)]
		return strings.Contains(after, "-p") || strings.Contains(after, "-P") || strings.Contains(after, "-a") || strings.Contains(after, "-w") || strings.Contains(after, "-u") || strings.Contains(after, "--user")
	case markSure:
	}
	return true
}

// afterKeyIDName reports whether i is the value of an accessKeyId member, beside which
// CloudTrail has no secret without a name.
func afterKeyIDName(s string, i int) bool {
	before := s[max(0, i-10):i]
	for _, name := range [...]string{`KeyId":"`, `KeyId": "`, `key_id":"`, `KeyId\":\"`} {
		if strings.HasSuffix(before, name) {
			return true
		}
	}
	return false
}

// inURL reports whether the @ at i may end a user name and password.
func inURL(s string, i int) bool {
	before := s[max(0, i-maxUserinfo):i]
	if n := strings.LastIndexAny(before, " \t\r\n\"<>"); n >= 0 {
		before = before[n:]
	}
	return strings.Contains(before, "://") && !strings.HasSuffix(before, "://"+Mark) || strings.Contains(before, ":thin:")
}

// namesSecret reports whether the name around a marker is a secret's, and a value follows
// that is not obviously harmless.
func (l *look) namesSecret(start, end int) bool {
	s := l.s
	if after := s[end:]; strings.HasPrefix(after, `Id"`) || strings.HasPrefix(after, `_id"`) || strings.HasPrefix(after, `ARN"`) {
		return false // accessKeyId
	}
	if start > 0 && end < len(s) && s[start-1] == ':' && s[end] == ':' {
		return false // inside an ARN
	}
	for start > 0 && end-start < maxName && kinds[s[start-1]] >= joint {
		start--
	}
	for end < len(s) && end-start < maxName && kinds[s[end]] >= joint {
		end++
	}
	if start > 0 && s[start-1] == '\\' && s[start] != '-' {
		start++
	}
	name := s[start:end]
	follows, ok := l.valueAfter(start, end)
	if !ok {
		return false
	}
	switch name {
	case "sessionCredentialFromConsole", "session_credential_from_console", "credential_id":
		return false // most records have one
	}
	if levelOf(name) == open && !queryOnly(name) {
		return false
	}
	return !strings.HasPrefix(follows, Mark) && !strings.HasPrefix(follows, "null")
}

// valueAfter returns the text from the value of a name on; ok is false if no value follows
// the name.
func (l *look) valueAfter(start, end int) (rest string, ok bool) {
	s := l.s
	flag := s[start] == '-'
	i := end
	for i < len(s) && s[i] == '\\' {
		i++
	}
	if i == len(s) {
		return "", false
	}
	if s[i] == ' ' && flag {
		return "", true
	}
	quoted := isQuote(s[i])
	if quoted {
		i++
	}
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t' || s[i] == ']' || s[i] == '\\') {
		i++
	}
	switch {
	case i == len(s):
		return "", quoted && (flag || l.isNamed(start))
	case s[i] == ':' && !quoted && start > 0 && s[start-1] == ':':
		return "", false // inside an ARN
	case s[i] == ':' || s[i] == '=':
		i++
	case quoted, s[i] == ',', s[i] == '}', s[i] == ')':
		return "", flag || l.isNamed(start)
	default:
		return "", s[i] != ' ' && i == end && l.longName(start, i) // DB_PASSWORD (new)
	}
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t' || s[i] == '\\') {
		i++
	}
	if i < len(s) && isQuote(s[i]) {
		i++
		if i < len(s) && s[i] == s[i-1] {
			return "", false // no value
		}
	}
	return s[i:], true
}

// queryOnly reports whether a name is a secret's only in a URL's query.
func queryOnly(name string) bool {
	return strings.EqualFold(name, "sig") || strings.EqualFold(name, "auth") || len(name) <= len("x-goog-signature") && hasFold(name[max(0, len(name)-9):], "signature")
}

// isNamed reports whether the text around i is a member's value that names a sibling.
func (l *look) isNamed(i int) bool {
	s := l.s
	least := max(0, i-maxName)
	for i > least && kinds[s[i-1]] >= separator {
		i--
	}
	at := i
	for i > least && (isQuote(s[i-1]) || s[i-1] == '\\') {
		i--
	}
	for i > least && (s[i-1] == ' ' || s[i-1] == '\n' || s[i-1] == '\t') {
		i--
	}
	if i == least || s[i-1] != '=' && (s[i-1] != ':' || at == i) {
		return false
	}
	i--
	for i > least && (isQuote(s[i-1]) || s[i-1] == '\\' || s[i-1] == ' ') {
		i--
	}
	end := i
	for i > least && kinds[s[i-1]] >= joint {
		i--
	}
	return isNaming(s[i:end]) && l.holdsNear(i)
}

// isNaming reports whether a member of that name names a sibling.
func isNaming(name string) bool {
	var buf [len("environmentvariablename")]byte
	letters := buf[:0]
	for i := range len(name) {
		if kinds[name[i]] < small {
			continue
		}
		if len(letters) == len(buf) {
			return false
		}
		letters = append(letters, name[i]|0x20)
	}
	return name == "kind" || namesOther(letters)
}

// holdsNear reports whether a member that may hold a named value is near i.
func (l *look) holdsNear(i int) bool {
	const near = 4 << 10
	if len(l.s) > near {
		return holds(l.s[max(0, i-near):min(len(l.s), i+near)])
	}
	if !l.asked {
		l.holds, l.asked = holds(l.s), true
	}
	return l.holds
}

// holds reports whether s contains what such a member's name ends in.
func holds(s string) bool {
	for i := range len(s) {
		switch c, rest := s[i], s[i+1:]; c {
		case 'v', 'V':
			if strings.HasPrefix(rest, "al") || c == 'V' && strings.HasPrefix(rest, "AL") || i > 0 && (s[i-1] == '"' || c == 'v' && s[i-1] == '\'') {
				return true
			}
		case 'a':
			if strings.HasPrefix(rest, "lue") || strings.HasPrefix(rest, "ta") && len(rest) > 2 && (rest[2] == '"' || rest[2] == '\\' || rest[2] == '\'') {
				return true
			}
		case 'A':
			if strings.HasPrefix(rest, "LUE") {
				return true
			}
		case 'o':
			if strings.HasPrefix(rest, "ntent") {
				return true
			}
		case 'C':
			if strings.HasPrefix(rest, "ONTENT") {
				return true
			}
		case 'D':
			if strings.HasPrefix(rest, "ATA") {
				return true
			}
		}
	}
	return false
}

// longName reports whether a name continues after other characters: "DB password (prod)".
func (l *look) longName(start, i int) bool {
	rest := l.s[i:min(len(l.s), i+maxName)]
	quote := strings.IndexByte(rest, '"')
	if quote < 0 {
		return false
	}
	for rest = rest[quote+1:]; rest != "" && (rest[0] == ' ' || rest[0] == '\\'); {
		rest = rest[1:]
	}
	return rest != "" && rest[0] == ':' || l.isNamed(start)
}
