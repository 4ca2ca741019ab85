package redact

import (
	"encoding/binary"
	"slices"
	"strings"
	"unsafe"
)

// Suspect reports whether a text may hold a secret. It looks at every third place for the
// few words that each rule needs, and is much faster than the rules.
func Suspect(b []byte) bool { return suspect(unsafe.String(unsafe.SliceData(b), len(b))) }

// A marker is what every secret of a kind has in or before it, in lower case.
type marker struct {
	text string
	kind markerKind
}

type markerKind uint8

const (
	// markName is part of a name, with a value after it.
	markName markerKind = iota
	// markToken begins a known token.
	markToken
	// markKeyID begins the id of an AWS access key.
	markKeyID
	// markCommand is a command that takes a password after a flag.
	markCommand
	// markSure needs no second look.
	markSure
)

// markers lists them all.
func markers() []marker {
	var all []marker
	add := func(kind markerKind, texts ...string) {
		for _, t := range texts {
			all = append(all, marker{t, kind})
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
			{"plain", "text"},
			{"hub", "pat"},
			{"gh", "pat"},
			{"lab", "pat"},
			{"ure", "pat"},
			{"ops", "pat"},
			{"ado", "pat"},
		} {
			add(markName, parts[0]+sep+parts[1])
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

// markerTable finds the markers that three bytes may be a part of.
type markerTable struct {
	// used has a bit for each hash of three bytes, and slots one more than an index of
	// lists, or 0.
	used  [1 << tableBits / 64]uint64
	slots [1 << tableBits]uint16
	lists [][]part
}

// part is a marker, and where three bytes stand in it: before it, where that is negative.
type part struct {
	marker
	offset int
	three  uint32
}

// fold is three bytes as they are compared, in any case.
func fold(x uint32) uint32 { return x&0xffffff | 0x202020 }

const tableBits = 16

func slot(x uint32) uint32 { return (fold(x) * 0x9E3779B1) >> (32 - tableBits) }

var table = newMarkerTable()

// newMarkerTable enters each marker by three bytes for each of three places that follow
// one another: one of them is a place that is looked at. A short marker is entered with
// what may stand beside it.
func newMarkerTable() *markerTable {
	const (
		around = "abcdefghijklmnopqrstuvwxyz0123456789\"'=:\\_-. /&?;@<>(,[{|`$!#%+*~^\n\t"
		parted = "\"'=:\\ /,;(&?<>@ntr\n\t-_.|`[{"
		within = "\"'=:\\_- .&;ntr0123456789abcdefhsk"
	)
	t := &markerTable{}
	for _, m := range markers() {
		switch {
		case len(m.text) >= 5:
			for offset := range 3 {
				t.enter(part{marker: m, offset: offset}, m.text[offset:offset+3])
			}
		case len(m.text) == 4:
			t.enter(part{marker: m}, m.text[:3])
			t.enter(part{marker: m, offset: 1}, m.text[1:])
			for _, c := range []byte(parted) {
				t.enter(part{marker: m, offset: -1}, string(c)+m.text[:2])
			}
		default:
			t.enter(part{marker: m}, m.text)
			for _, c := range []byte(around) {
				t.enter(part{marker: m, offset: -1}, string(c)+m.text[:2])
			}
			for _, c := range []byte(within) {
				t.enter(part{marker: m, offset: 1}, m.text[1:]+string(c))
			}
		}
	}
	return t
}

func (t *markerTable) enter(p part, three string) {
	x := uint32(three[0]) | uint32(three[1])<<8 | uint32(three[2])<<16
	p.three = fold(x)
	h := slot(x)
	if t.slots[h] == 0 {
		t.lists = append(t.lists, nil)
		t.slots[h] = uint16(len(t.lists))
		t.used[h/64] |= 1 << (h % 64)
	}
	list := &t.lists[t.slots[h]-1]
	if !slices.Contains(*list, p) {
		*list = append(*list, p)
	}
}

// suspect is Suspect.
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
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	i := 0
	for ; i+13 <= len(b); i += 12 {
		c := b[i : i+13 : i+13]
		x, y := slot(binary.LittleEndian.Uint32(c)), slot(binary.LittleEndian.Uint32(c[3:]))
		z, w := slot(binary.LittleEndian.Uint32(c[6:])), slot(binary.LittleEndian.Uint32(c[9:]))
		used := &table.used
		if (used[x/64]>>(x%64)|used[y/64]>>(y%64)|used[z/64]>>(z%64)|used[w/64]>>(w%64))&1 == 0 {
			continue
		}
		for k, h := range [...]uint32{x, y, z, w} {
			if table.has(h) && confirmed(s, i+3*k, h) {
				return true
			}
		}
	}
	for ; i+3 <= len(b); i += 3 {
		if h := slotAt(s, i); table.has(h) && confirmed(s, i, h) {
			return true
		}
	}
	if len(b) < 4 {
		return false
	}
	// A short marker at the beginning or the end has nothing beside it.
	for _, at := range [...]int{1, len(b) - 4, len(b) - 3} {
		if h := slotAt(s, at); table.has(h) && confirmed(s, at, h) {
			return true
		}
	}
	return false
}

func (t *markerTable) has(h uint32) bool { return t.used[h/64]>>(h%64)&1 != 0 }

func slotAt(s string, i int) uint32 {
	return slot(uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16)
}

// confirmed reports whether a marker stands around i, and a secret may stand there.
func confirmed(s string, i int, h uint32) bool {
	list := table.slots[h]
	if list == 0 {
		return false
	}
	x := fold(uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16)
	parts := table.lists[list-1]
	for k := range parts {
		p := &parts[k]
		if p.three != x {
			continue
		}
		start := i - p.offset
		if start < 0 || start+len(p.text) > len(s) || !folds(s[start:start+len(p.text)], p.text) {
			continue
		}
		if p.kind.confirm(s, start, start+len(p.text)) {
			return true
		}
	}
	return false
}

// folds reports whether s is text, in any case.
func folds(s, text string) bool {
	for i := range len(text) {
		if s[i] != text[i] && (s[i]|0x20 != text[i] || s[i] < 'A' || s[i] > 'Z') {
			return false
		}
	}
	return true
}

func (k markerKind) confirm(s string, start, end int) bool {
	switch k {
	case markName:
		return namesSecret(s, start, end)
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

// afterKeyIDName reports whether what begins at i is the value of an accessKeyId, beside
// which CloudTrail has no secret without a name.
func afterKeyIDName(s string, i int) bool {
	before := s[max(0, i-10):i]
	for _, name := range [...]string{`KeyId":"`, `KeyId": "`, `key_id":"`, `KeyId\":\"`} {
		if strings.HasSuffix(before, name) {
			return true
		}
	}
	return false
}

// inURL reports whether the @ at i may end a user's name and password.
func inURL(s string, i int) bool {
	before := s[max(0, i-maxUserinfo):i]
	if n := strings.LastIndexAny(before, " \t\r\n\"<>"); n >= 0 {
		before = before[n:]
	}
	return strings.Contains(before, "://") && !strings.HasSuffix(before, "://"+Mark) || strings.Contains(before, ":thin:")
}

// namesSecret reports whether the name around a marker is a secret's, and a value follows
// that is not harmless at first sight.
func namesSecret(s string, start, end int) bool {
	if after := s[end:]; strings.HasPrefix(after, `Id"`) || strings.HasPrefix(after, `_id"`) {
		return false // accessKeyId
	}
	for start > 0 && end-start < maxName && isNamePart(s[start-1], false) {
		start--
	}
	for end < len(s) && end-start < maxName && isNamePart(s[end], false) {
		end++
	}
	if start > 0 && s[start-1] == '\\' && s[start] != '-' {
		start++
	}
	name := s[start:end]
	follows, ok := valueAfter(s, start, end)
	if !ok {
		return false
	}
	switch name {
	case "sessionCredentialFromConsole", "session_credential_from_console", "credential_id":
		return false // most records have them
	}
	if levelOf(name) == open && !queryOnly(name) {
		return false
	}
	return !strings.HasPrefix(follows, Mark) && !strings.HasPrefix(follows, "null")
}

// valueAfter is the text that begins with the value of a name, as far as it stands after
// it; ok is false where the name has none.
func valueAfter(s string, start, end int) (rest string, ok bool) {
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
		return "", quoted && (flag || isNamed(s, start))
	case s[i] == ':' && !quoted && start > 0 && s[start-1] == ':':
		return "", false // inside an ARN
	case s[i] == ':' || s[i] == '=':
		i++
	case quoted, s[i] == ',', s[i] == '}', s[i] == ')':
		return "", flag || isNamed(s, start)
	default:
		return "", s[i] != ' ' && i == end && longName(s, start, i) // DB_PASSWORD (new)
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

// queryOnly knows the names that are secret in a query.
func queryOnly(name string) bool {
	return strings.EqualFold(name, "sig") || strings.EqualFold(name, "auth") || len(name) <= len("x-goog-signature") && hasFold(name[max(0, len(name)-9):], "signature")
}

// isNamed reports whether the text around i is the value of a member that names another's.
func isNamed(s string, i int) bool {
	least := max(0, i-maxName)
	for i > least && (isNamePart(s[i-1], false) || s[i-1] == ':' || s[i-1] == '/') && s[i-1] != '=' {
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
	for i > least && isNamePart(s[i-1], false) {
		i--
	}
	name := s[i:end]
	return (name == "kind" || infoOf(name).names) && holdsNear(s, i)
}

// holdsNear reports whether a member that may hold a value is near i.
func holdsNear(s string, i int) bool {
	const near = 4 << 10
	s = s[max(0, i-near):min(len(s), i+near)]
	for _, name := range [...]string{"alue", "ALUE", "ontent", "CONTENT", "ata\"", "ata\\", "ata'", "DATA", "val", "Val", "VAL", "\"v", "\"V", "'v"} {
		if strings.Contains(s, name) {
			return true
		}
	}
	return false
}

// longName reports whether a name goes on after other characters: "DB password (prod)".
func longName(s string, start, i int) bool {
	rest := s[i:min(len(s), i+maxName)]
	quote := strings.IndexByte(rest, '"')
	return quote >= 0 && (strings.HasPrefix(strings.TrimLeft(rest[quote+1:], " \\"), ":") || isNamed(s, start))
}
