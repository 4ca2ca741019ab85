package redact

import (
	"slices"
	"strconv"
	"strings"
)

// frame is an object or array that encloses the current position.
type frame struct {
	array bool
	start int
	// lists is set in a list of objects that only describe secrets.
	lists bool
	// level is the level that the enclosing names give to everything inside.
	level level
	// name is the current member's name as it stands in the text; index is the current
	// element's index.
	name  string
	index int
	// info is what the current name says about the next value.
	info nameInfo
	// named is set once a member of the object names a secret. values are the members
	// that hold that secret: [{"name": "DB_PASSWORD", "value": ...}].
	named  bool
	values []member
	// keyID is set once an AWS access key id was seen; keys are the values that may be
	// its secret.
	keyID bool
	keys  []member
	// flag is set after the element --password. command is set after a command that
	// takes a password after -p, url after one that takes user:password after -u.
	flag, command, url bool
}

// member is a value of an object.
type member struct {
	name       string
	start, end int
}

// jsonScan scans JSON that may be cut or damaged: it continues wherever it can.
type jsonScan struct {
	e     *editor
	s     string
	i     int
	stack []frame
}

// json scans s from an offset.
func (e *editor) json(s string, from int) {
	// A scan nested in this one finds no stack to reuse and allocates its own.
	j := jsonScan{e: e, s: s, i: from, stack: append(e.names.stack[:0], frame{})}
	e.names.stack = nil
	for j.i < len(s) {
		switch c := s[j.i]; c {
		case '{', '[':
			j.open(c == '[')
		case '}', ']':
			j.close(c == ']')
		case '"':
			j.quoted()
		case ',':
			j.next()
			j.i++
		case ' ', '\t', '\r', '\n', ':':
			j.i++
		default:
			j.literal()
		}
	}
	for len(j.stack) > 0 {
		j.leave()
	}
	if cap(j.stack) <= maxKept {
		clear(j.stack[:cap(j.stack)]) // their strings keep the text in memory
		e.names.stack = j.stack
	}
}

func (j *jsonScan) top() *frame { return &j.stack[len(j.stack)-1] }

// next moves to the next member or element.
func (j *jsonScan) next() {
	f := j.top()
	f.name, f.info = "", nameInfo{}
	if f.array {
		f.index++
	}
}

func (j *jsonScan) open(array bool) {
	f := j.top()
	l := j.levelHere(false)
	if l == whole {
		end := skipValue(j.s, j.i)
		if end-j.i > 2 || end == len(j.s) {
			j.secret(j.i, end, `"`+Mark+`"`)
		}
		j.i = end
		return
	}
	if l == textOnly || f.lists && !array {
		l = open
	}
	j.stack = append(j.stack, frame{array: array, level: l, start: j.i, lists: array && f.info.lists})
	j.i++
}

// levelHere returns the level of the value that starts here.
func (j *jsonScan) levelHere(scalar bool) level {
	f := j.top()
	if f.info.level != open || f.level == open || f.array {
		return max(f.info.level, f.level)
	}
	if scalar && f.info.describes {
		return open
	}
	return f.level
}

func (j *jsonScan) close(array bool) {
	if len(j.stack) > 1 && j.top().array == array {
		j.leave()
	}
	j.i++
}

// leave ends an object and redacts the members that it named as secrets.
func (j *jsonScan) leave() {
	f := j.top()
	if f.named { //mutant:siblings-name-nothing
		j.members(f.values)
	}
	if f.keyID {
		j.members(f.keys)
	}
	start := f.start
	j.stack = j.stack[:len(j.stack)-1]
	if len(j.stack) == 0 {
		return
	}
	if f := j.top(); !f.array && f.info.holds {
		f.values = append(f.values, member{f.name, start, min(j.i+1, len(j.s))})
	}
}

func (j *jsonScan) members(all []member) {
	f := j.top()
	for _, m := range all {
		if v := j.s[m.start:m.end]; v == "null" || v == "[]" || v == "{}" || v[0] == '"' && harmless(strings.Trim(v, `"`)) {
			continue
		}
		f.name = m.name
		j.secret(m.start, m.end, `"`+Mark+`"`)
	}
}

func (j *jsonScan) secret(start, end int, text string) { j.e.add(start, end, text, j.pointer) }

// leastToken is the shortest name that is checked for a token.
const leastToken = 12

// maxPointer bounds the length of a place, in bytes.
const maxPointer = 200

// pointer returns the JSON pointer of the current value.
func (j *jsonScan) pointer() string {
	var b strings.Builder
	for k := range j.stack {
		if b.Len() > maxPointer {
			b.WriteString("/...")
			break
		}
		switch f := &j.stack[k]; {
		case f.array:
			b.WriteByte('/')
			b.WriteString(strconv.Itoa(f.index))
		case f.name != "":
			b.WriteByte('/')
			b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(Text(f.name)))
		}
	}
	return b.String()
}

// quoted scans a string: a member's name or a value.
func (j *jsonScan) quoted() {
	start := j.i + 1
	end, closed := stringEnd(j.s, start)
	after := end
	if closed {
		after++
	}
	colon := after
	for colon < len(j.s) && (j.s[colon] == ' ' || j.s[colon] == '\t' || j.s[colon] == '\n' || j.s[colon] == '\r') {
		colon++
	}
	f := j.top()
	if closed && !f.array && colon < len(j.s) && j.s[colon] == ':' {
		f.name = Unescape(j.s[start:end])
		f.info = j.e.names.info(f.name)
		if f.info.unclean {
			j.secret(start, end, escape(Text(f.name)))
		}
		j.i = colon + 1
		return
	}
	j.value(start, end, closed)
	j.i = after
}

// value checks a string value; start and end exclude its quotes.
func (j *jsonScan) value(start, end int, closed bool) {
	f := j.top()
	v := Unescape(j.s[start:end])
	l := j.levelHere(true)
	if !f.array {
		if f.info.names && levelOf(v) != open {
			f.named = true
		}
		if f.info.holds {
			f.values = append(f.values, j.span(start, end, closed))
		}
		if strings.EqualFold(f.name, "type") && v == "SecureString" || f.name == "kind" && v == "Secret" {
			f.named = true
		}
	}
	if (l != open || f.array && j.argument(v)) && !harmless(v) && (l != scalars || !isChoice(v)) {
		j.secret(start, end, Mark)
		return
	}
	if accessKeyID(v, 0) == len(v) && v != "" {
		f.keyID = true
	} else if secretAccessKey(v) {
		f.keys = append(f.keys, j.span(start, end, closed))
	}
	if !suspect(v) {
		return
	}
	inner := editor{names: j.e.names}
	if inner.any(v); len(inner.edits) > 0 {
		j.e.again = true
		j.secret(start, end, escape(inner.apply(v)))
	}
}

// span returns the place of a string with its quotes.
func (j *jsonScan) span(start, end int, closed bool) member {
	if closed {
		end++
	}
	return member{j.top().name, start - 1, end}
}

// argument reports whether an element of a command line is a secret, judged by the
// elements before it.
func (j *jsonScan) argument(v string) bool {
	f := j.top()
	flag := f.flag
	f.flag = false
	switch {
	case strings.HasPrefix(v, "-") && len(v) > 1 && strings.IndexByte(v, '=') < 0 && strings.IndexByte(v, ' ') < 0:
		name := strings.TrimLeft(v, "-")
		switch {
		case f.command && strings.HasPrefix(v, "-p") && len(v) > 2:
			return !isPort(v[2:])
		case f.command && (v == "-p" || v == "-a" || v == "-P"), f.url && (v == "-u" || v == "--user"):
			f.flag = true
		default:
			f.flag = levelOf(name) != open && !strings.HasPrefix(name, "no-")
		}
		return flag && !f.flag
	case flag:
		return !isPort(v)
	}
	switch base := v[strings.LastIndexByte(v, '/')+1:]; base {
	case "mysql", "mysqldump", "mysqladmin", "mariadb", "sshpass", "mongo", "mongosh", "mongodump", "redis-cli", "sqlcmd", "login", "ldapsearch":
		f.command = true
	case "curl", "wget":
		f.url = true
	}
	return false
}

// literal scans a number, true, false or null, or text that is not JSON.
func (j *jsonScan) literal() {
	start := j.i
	for j.i < len(j.s) && strings.IndexByte(",}]{[\"", j.s[j.i]) < 0 {
		j.i++
	}
	end := j.i
	for end > start && strings.IndexByte(" \t\r\n", j.s[end-1]) >= 0 {
		end--
	}
	v := j.s[start:end]
	if v != "null" && !isLiteral(v) {
		j.nonJSON(start)
		return
	}
	f := j.top()
	if !f.array && f.info.holds && v != "null" {
		f.values = append(f.values, member{f.name, start, end})
	}
	if v != "null" && j.levelHere(true) > textOnly {
		j.secret(start, end, `"`+Mark+`"`)
	}
}

// nonJSON scans text that is not JSON, together with a quoted string that belongs to it:
// password="...".
func (j *jsonScan) nonJSON(start int) {
	for j.i < len(j.s) && j.s[j.i] == '"' {
		end, closed := stringEnd(j.s, j.i+1)
		if closed {
			end++
		}
		for j.i = end; j.i < len(j.s) && strings.IndexByte(",}]{[\"", j.s[j.i]) < 0; {
			j.i++
		}
	}
	end := j.i
	if j.levelHere(true) > textOnly {
		for end > start && strings.IndexByte(" \t\r\n", j.s[end-1]) >= 0 {
			end--
		}
		j.secret(start, end, `"`+Mark+`"`)
		return
	}
	j.e.text(j.s, start, end)
}

func isLiteral(v string) bool {
	if v == "true" || v == "false" {
		return true
	}
	return v != "" && strings.Trim(v, "0123456789+-.eE") == ""
}

// stringEnd returns where the string that starts at i ends, and whether a quote ends it.
func stringEnd(s string, i int) (end int, closed bool) {
	for ; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i, true
		case '\\':
			i++
		}
	}
	return len(s), false
}

// skipValue returns where the object or array at i ends.
func skipValue(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			i, _ = stringEnd(s, i+1)
		}
	}
	return len(s)
}

// escape encodes the inside of a JSON string.
func escape(s string) string {
	const hex = "0123456789abcdef"
	b := make([]byte, 0, len(s)+8)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= 0x20:
			b = append(b, c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\t':
			b = append(b, '\\', 't')
		case c == '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

func sortEdits(edits []edit) {
	slices.SortStableFunc(edits, func(a, b edit) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return b.end - a.end
	})
}
