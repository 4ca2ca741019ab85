package redact

import "strings"

// Bounds of how far to look around a place, in bytes, so that the time is linear in the
// text: for a name before "=", for user and password in a URL, for a command before its
// flag.
const (
	maxName     = 100
	maxUserinfo = 512
	maxCommand  = 300
)

// textScan scans text that is not JSON: a command, a script, a URL, an error, a log line.
type textScan struct {
	e   *editor
	s   string
	end int
	// pair is set after Name=DB_PASSWORD: the next Value is secret.
	pair bool
	// keyID is set once an AWS access key id was seen.
	keyID bool
	// runs is set after a command that takes a password after -p, sends after one that
	// takes user:password after -u.
	runs, sends bool
}

// text scans s[from:end].
func (e *editor) text(s string, from, end int) {
	t := textScan{e: e, s: s[:end], end: end}
	for i := from; i < end; {
		if next := t.at(i); next > i {
			i = next
			continue
		}
		i++
	}
	if t.keyID {
		t.secretsOfKeys(from)
	}
}

// at checks what starts or is separated at i. It returns where to continue, or i if there
// is nothing.
func (t *textScan) at(i int) int {
	switch c := t.s[i]; {
	case c == '=':
		return t.assigned(i)
	case c == ':':
		if strings.HasPrefix(t.s[i:], "://") {
			return t.userinfo(i + 3)
		}
		if strings.HasPrefix(t.s[i:], ":thin:") {
			return t.oracle(i + 6)
		}
		return t.assigned(i)
	case i > 0 && isAlnum(t.s[i-1]):
		return i
	case c == '-':
		if end := shaped(t.s, i); end > 0 {
			return t.cut(i, end, Mark)
		}
		if i > 0 && t.s[i-1] == '-' {
			return i
		}
		return t.flag(i)
	case isAlnum(c):
		return t.word(i)
	}
	return i
}

func (t *textScan) cut(start, end int, text string) int {
	t.e.again = true
	t.e.add(start, end, text, nil)
	return end
}

// word checks a word: a known token, an access key id, an authorization scheme, a command.
func (t *textScan) word(i int) int {
	if end := shaped(t.s, i); end > 0 {
		return t.cut(i, end, Mark)
	}
	switch t.s[i] {
	case 'A':
		if end := accessKeyID(t.s, i); end > 0 {
			t.keyID = true
			return end
		}
	case 'B', 'b':
		for _, scheme := range [...]string{"bearer ", "basic "} {
			if hasFold(t.s[i:], scheme) {
				return t.credential(i + len(scheme))
			}
		}
	case 'm', 's', 'd', 'p', 'l', 'r':
		for _, c := range [...]string{"mysql", "mariadb", "sshpass", "mongo", "ldap", "sqlcmd", "login", "redis-cli", "smbclient"} {
			t.runs = t.runs || strings.HasPrefix(t.s[i:], c)
		}
	case 'c', 'w':
		t.sends = t.sends || strings.HasPrefix(t.s[i:], "curl") || strings.HasPrefix(t.s[i:], "wget")
	case 'h':
		const hook = "hooks.slack.com/services/"
		if strings.HasPrefix(t.s[i:], hook) {
			if end := t.bare(i + len(hook)); end > i+len(hook) && t.s[i+len(hook):end] != Mark {
				return t.cut(i+len(hook), end, Mark)
			}
		}
	}
	return i
}

// credential redacts what follows an authorization scheme if it looks like a credential.
func (t *textScan) credential(i int) int {
	end := i
	for end < t.end && (isAlnum(t.s[end]) || strings.IndexByte("-._~+/=", t.s[end]) >= 0) {
		end++
	}
	if v := t.s[i:end]; len(v) >= 12 || len(v) >= 6 && strings.ContainsAny(v, "0123456789=") {
		return t.cut(i, end, Mark)
	}
	return i
}

// assigned checks NAME=VALUE, NAME: VALUE and "NAME" => "VALUE"; i is the separator.
func (t *textScan) assigned(i int) int {
	start, nameEnd, spaced, quoted := t.nameBefore(i)
	name := t.s[start:nameEnd]
	if name == "" {
		return i
	}
	colon := t.s[i] == ':'
	if colon && start > 0 && t.s[start-1] == ':' && !quoted {
		return i // inside an ARN
	}
	l := levelOf(name)
	switch {
	case l == open && t.queried(start, name):
		l = scalars
	case l == open && t.pair && t.e.names.info(name).holds:
		l, t.pair = scalars, false
	case l == open && t.e.names.info(name).names:
		named := textScan{e: t.e, s: t.s[:min(t.end, i+maxName)], end: min(t.end, i+maxName)}
		v := named.value(i+1, colon, spaced || quoted)
		t.pair = levelOf(named.s[v.start:v.end]) != open
		return i
	}
	if l == open || strings.HasPrefix(strings.TrimLeft(t.s[i+1:min(t.end, i+4)], ` "`), "$(") {
		return i // the output of a command substitution is unknown
	}
	v := t.value(i+1, colon, spaced || quoted)
	if v.end <= v.start || harmless(t.s[v.start:v.end]) {
		return i
	}
	if l == textOnly || hasFold(t.s[v.start:v.end], "bearer") || hasFold(t.s[v.start:v.end], "basic") {
		if !v.quoted {
			v.end = t.line(v.start)
		}
		if harmless(t.s[v.start:v.end]) {
			return i
		}
	}
	return t.cut(v.start, v.end, Mark)
}

// nameBefore returns where the name before the separator at i is, and whether spaces or quotes are
// between them.
func (t *textScan) nameBefore(i int) (start, end int, spaced, quoted bool) {
	end = i
	for end > 0 && (t.s[end-1] == ' ' || t.s[end-1] == ':') && i-end < 3 {
		end--
	}
	spaced = end < i
	for end > 0 && (isQuote(t.s[end-1]) || t.s[end-1] == '\\' || t.s[end-1] == ']') {
		end--
		quoted = true
	}
	start = end
	for start > 0 && end-start < maxName && isNamePart(t.s[start-1], quoted) {
		start--
	}
	if start > 0 && t.s[start-1] == '\\' && start < end {
		start++ // a \n escape before the name
	}
	return start, end, spaced, quoted
}

// queried reports whether a name is a secret's only as a query parameter.
func (t *textScan) queried(start int, name string) bool {
	if start == 0 || t.s[start-1] != '?' && t.s[start-1] != '&' {
		return false
	}
	switch strings.ToLower(name) {
	case "sig", "signature", "x-amz-signature", "x-goog-signature", "auth":
		return true
	}
	return false
}

// span is the place of a value in a text.
type span struct {
	start, end int
	quoted     bool
}

// value finds the value after a separator that ends before i. The separator decides whether
// an unquoted value may follow a space.
func (t *textScan) value(i int, colon, spaced bool) span {
	from := i
	for i < t.end && (t.s[i] == ' ' || t.s[i] == '\t' || t.s[i] == '>' && i == from || t.s[i] == '=' && i == from) {
		i++
	}
	if i >= t.end {
		return span{}
	}
	quote := i
	for quote < t.end && t.s[quote] == '\\' {
		quote++
	}
	if quote < t.end && isQuote(t.s[quote]) {
		mark := t.s[i : quote+1]
		start := quote + 1
		n := strings.Index(t.s[start:], mark)
		for n > 0 && len(mark) == 1 && t.s[start+n-1] == '\\' {
			m := strings.Index(t.s[start+n+1:], mark)
			if m < 0 {
				n = -1
				break
			}
			n += m + 1
		}
		if n < 0 {
			return span{start, t.line(start), true}
		}
		return span{start, start + n, true}
	}
	if i > from && !colon && !spaced {
		return span{}
	}
	if colon && i == from && t.s[i] == '/' {
		return span{}
	}
	return span{i, t.bare(i), false}
}

// bare returns where an unquoted value ends.
func (t *textScan) bare(i int) int {
	start := i
	for ; i < t.end; i++ {
		switch c := t.s[i]; c {
		case ' ', '\t', '\n', '\r', '"', '\'', '`', ';', '<', '>', '|':
			return i
		case '\\':
			if i+1 < t.end && (t.s[i+1] == 'n' || t.s[i+1] == 'r' || t.s[i+1] == 't' || isQuote(t.s[i+1])) {
				return i
			}
		case '&', ',', '#':
			if i > start && (c == '#' || t.another(i+1)) {
				return i
			}
		case ')', ']', '}':
			if i+1 == t.end || strings.IndexByte(" \t\r\n,;)]}\"'.", t.s[i+1]) >= 0 {
				return i
			}
		}
	}
	return i
}

// another reports whether another NAME=VALUE starts at i.
func (t *textScan) another(i int) bool {
	for i < t.end && (t.s[i] == ' ' || t.s[i] == '&') {
		i++
	}
	start := i
	for i < t.end && i-start < maxName && isNamePart(t.s[i], false) {
		i++
	}
	return i == t.end || i > start && (t.s[i] == '=' || t.s[i] == ':') || i == start && t.s[i] == ' '
}

// line returns where the line around i ends, or the quoted text around it.
func (t *textScan) line(i int) int {
	if n := strings.IndexAny(t.s[i:], "\n\r\"'`"); n >= 0 {
		return i + n
	}
	return t.end
}

// flag checks --NAME VALUE, and -p VALUE after some commands.
func (t *textScan) flag(i int) int {
	start := i
	for start < t.end && t.s[start] == '-' && start-i < 2 {
		start++
	}
	end := start
	for end < t.end && end-start < maxName && (isAlnum(t.s[end]) || strings.IndexByte("-_.", t.s[end]) >= 0) {
		end++
	}
	name := t.s[start:end]
	switch {
	case name == "":
		return i
	case start == i+1 && (t.runs && (name[0] == 'p' || name == "a" || name == "P" || name == "w") || t.sends && name[0] == 'u'):
		return t.short(i, start, name)
	case end < t.end && (t.s[end] == '=' || t.s[end] == ':'), strings.HasPrefix(name, "no-"), name == "user" && !t.sends:
		return i
	case name != "user" && levelOf(name) == open:
		return i
	}
	v := t.argument(end)
	if v.end <= v.start || !v.quoted && t.s[v.start] == '-' || harmless(t.s[v.start:v.end]) {
		return i
	}
	return t.cut(v.start, v.end, Mark)
}

// short checks -p VALUE and -pVALUE.
func (t *textScan) short(i, start int, name string) int {
	v := span{start: start + 1, end: t.bare(start + 1)}
	if v.end == v.start || len(name) == 1 {
		v = t.argument(start + 1)
	}
	text := t.s[v.start:v.end]
	switch {
	case v.end <= v.start, !v.quoted && text[0] == '-', harmless(text), isPort(text):
		return i
	case name[0] == 'u' && !strings.Contains(text, ":"):
		return i
	}
	return t.cut(v.start, v.end, Mark)
}

// isPort reports whether the value of -p is a port or a port mapping, as for other
// commands.
func isPort(s string) bool {
	return len(s) <= 11 && strings.Trim(s, "0123456789:/tcpud") == "" && (len(s) < 3 || strings.Contains(s, ":"))
}

// argument returns the word after a flag, which may be an element of a list.
func (t *textScan) argument(i int) span {
	from := i
	for i < t.end && strings.IndexByte(" \t\\\"',", t.s[i]) >= 0 {
		i++
	}
	if i == from || i == t.end {
		return span{}
	}
	if q := t.s[i-1]; isQuote(q) {
		if n := strings.IndexByte(t.s[i:], q); n >= 0 {
			end := i + n
			for end > i && t.s[end-1] == '\\' {
				end--
			}
			return span{i, end, true}
		}
		return span{i, t.end, true}
	}
	return span{i, t.bare(i), false}
}

// userinfo checks user:password@ of a URL whose host may start at i.
func (t *textScan) userinfo(i int) int {
	end, at, slash := i, -1, -1
	for ; end < t.end && end-i <= maxUserinfo && strings.IndexByte(" \t\r\n\"'`<>\\", t.s[end]) < 0; end++ {
		switch t.s[end] {
		case '@':
			at = end
		case '/', '?', '#':
			if slash < 0 {
				slash = end
				// A password may contain these characters; a port does not.
				if at >= 0 || !t.unescaped(i, slash) {
					goto found
				}
			}
		case ',':
			if at >= 0 {
				goto found
			}
		}
	}
found:
	if at < 0 || t.s[i:at] == Mark {
		return i
	}
	if !strings.Contains(t.s[i:at], ":") {
		scheme := t.s[max(0, i-9) : i-3]
		if strings.HasSuffix(scheme, "ssh") || strings.HasSuffix(scheme, "git") || strings.HasSuffix(scheme, "sftp") || strings.HasSuffix(scheme, "s3") || strings.HasSuffix(scheme, "mailto") {
			return i
		}
	}
	return t.cut(i, at, Mark)
}

// unescaped reports whether the text from the host's start to a slash may be a user and the
// start of a password, rather than host and port.
func (t *textScan) unescaped(i, slash int) bool {
	_, port, found := strings.Cut(t.s[i:slash], ":")
	return found && strings.Trim(port, "0123456789") != ""
}

// oracle checks user/password@ in Oracle's URLs.
func (t *textScan) oracle(i int) int {
	n := strings.IndexAny(t.s[i:min(t.end, i+maxUserinfo)], "@ \t\n\"'")
	if n < 0 || t.s[i+n] != '@' {
		return i
	}
	if slash := strings.IndexByte(t.s[i:i+n], '/'); slash >= 0 && t.s[i+slash+1:i+n] != Mark && slash+1 < n {
		return t.cut(i+slash+1, i+n, Mark)
	}
	return i
}

// secretsOfKeys redacts what has the shape of a secret access key in a text with a key id.
func (t *textScan) secretsOfKeys(from int) {
	for i := from; i < t.end; {
		end := i
		for end < t.end && (isAlnum(t.s[end]) || t.s[end] == '+' || t.s[end] == '/' || t.s[end] == '=') {
			end++
		}
		// A word that starts with "=" or ends before one is part of NAME=VALUE.
		start := i
		for start < end && end-start > 40 && (t.s[start] == '=' || strings.IndexByte(t.s[start:end], '=') >= 0 && strings.IndexByte(t.s[start:end], '=') < end-start-1) {
			start += strings.IndexByte(t.s[start:end], '=') + 1
		}
		if secretAccessKey(t.s[start:end]) {
			t.cut(start, end, Mark)
		}
		i = end + 1
	}
}

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

func isNamePart(c byte, quoted bool) bool {
	return kinds[c] >= joint || quoted && (kinds[c] == separator || c == '[')
}

// hasFold reports whether s starts with a lower-case prefix, regardless of case.
func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
