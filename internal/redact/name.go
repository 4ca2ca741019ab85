package redact

import "bytes"

// level says how much of what stands under a name is secret.
type level uint8

const (
	open level = iota
	// words marks names whose text alone is secret: headers such as Cookie, beside
	// settings of the same name.
	words
	// inside marks names whose scalars are secret, and of whose lists and objects
	// every member is, but those that only tell of it: an id, a date, an ARN.
	inside
	// whole marks names whose value is secret, whatever it is.
	whole
)

// Name reports whether what stands under a name is secret: a member of JSON, a tag's
// key, a variable of the environment, a flag, a query parameter, a column.
func Name(name string) bool { return levelOf(name) != open }

// maxNameWords bounds the words of a name that are looked at.
const maxNameWords = 24

// splitName is a name taken apart: "dbMasterPASSWORD_2" is db, master, password, 2.
type splitName struct {
	letters []byte // all words in lower case, one after the other
	ends    [maxNameWords]int
	count   int
	// lower is set where the name has a lower-case letter.
	lower bool
	// seen has a bit for each letter of the name.
	seen uint32
}

func (w *splitName) word(i int) []byte {
	start := 0
	if i > 0 {
		start = w.ends[i-1]
	}
	return w.letters[start:w.ends[i]]
}

// kind is what a character is, in order: from joint on it may be a part of a name, and from
// small on of a word.
type kind uint8

const (
	other     kind = iota
	separator      // : /
	joint          // _ - .
	small
	capital
	digit
)

var kinds = func() (k [256]kind) {
	for c := range k {
		switch {
		case c >= 'a' && c <= 'z':
			k[c] = small
		case c >= 'A' && c <= 'Z':
			k[c] = capital
		case c >= '0' && c <= '9':
			k[c] = digit
		case c == '_' || c == '-' || c == '.':
			k[c] = joint
		case c == ':' || c == '/':
			k[c] = separator
		}
	}
	return k
}()

// split takes a name apart at what is no letter or digit, and where case or kind changes.
func (w *splitName) split(name string) {
	before := other
	for i := 0; i < len(name); i++ {
		c := name[i]
		k := kinds[c]
		if k < small {
			k = other
		}
		if k != before || k == capital {
			if before != other && (before != capital || k != small) && (k != capital || before != capital || startsWord(name, i)) {
				w.end()
			}
			before = k
		}
		switch k {
		case small:
			w.lower = true
			w.seen |= 1 << (c & 31)
			w.letters = append(w.letters, c)
		case capital:
			w.seen |= 1 << (c & 31)
			w.letters = append(w.letters, c|0x20)
		case digit:
			w.letters = append(w.letters, c)
		case other, separator, joint:
		}
	}
	w.end()
}

// startsWord reports whether the capital at i, after another, begins a word: the P of
// DBPassword, not the D of userIDs.
func startsWord(name string, i int) bool {
	return i+1 < len(name) && kinds[name[i+1]] == small && (i+2 >= len(name) || name[i+1] != 's' || kinds[name[i+2]] == small)
}

func (w *splitName) end() {
	start := 0
	if w.count > 0 {
		start = w.ends[w.count-1]
	}
	if len(w.letters) > start && w.count < maxNameWords {
		w.ends[w.count] = len(w.letters)
		w.count++
	}
}

func levelOf(name string) level {
	var buf [64]byte
	w := splitName{letters: buf[:0]}
	w.split(name)
	return w.level()
}

// nameInfo is all that a member's name says.
type nameInfo struct {
	level level
	// names is set where its value names what stands beside it, and holds where it is what
	// another one names.
	names, holds bool
	// tells is set where it only tells of a secret around it, and lists where the objects
	// of its list do: ListSecrets' SecretList.
	tells, lists bool
	// unclean is set where the name itself holds a secret.
	unclean bool
}

func infoOf(name string) nameInfo {
	var buf [64]byte
	w := splitName{letters: buf[:0]}
	w.split(name)
	info := nameInfo{names: namesOther(w.letters)}
	if w.count > 0 {
		last := w.word(w.count - 1)
		info.holds, info.tells = holdsValue(last), tells(last)
		info.lists = string(last) == "list" || string(last) == "summaries"
	}
	info.level = w.level()
	return info
}

// namesOther knows the members that name what stands beside them.
func namesOther(letters []byte) bool {
	switch string(letters) {
	case "name", "key", "k", "n", "parameterkey", "parametername", "parameter", "optionname", "option", "variable", "variablename", "varname", "environmentvariable",
		"environmentvariablename", "envname", "settingname", "setting", "attributename", "attribute", "propertyname", "property", "propertykey", "fieldname", "field",
		"headername", "header", "tagkey", "tagname", "configname", "configurationname", "argumentname":
		return true
	}
	return false
}

// holdsValue knows the last words of members that hold what another one names.
func holdsValue(word []byte) bool {
	switch string(word) {
	case "value", "values", "v", "val", "content", "data":
		return true
	}
	return false
}

func (w *splitName) level() level {
	for w.count > 1 && isNumber(w.word(w.count-1)) {
		w.count--
	}
	if w.count == 0 {
		return open
	}
	last := w.word(w.count - 1)
	if w.count > 1 && tells(last) {
		return open
	}
	if l := w.judge(); l == open || w.count == 1 || !asks(w.word(0)) {
		return l
	}
	return words // manageMasterUserPassword: true
}

// judge is levelOf without the words that turn a name into a question.
func (w *splitName) judge() level {
	letters := w.letters[:w.ends[w.count-1]]
	if w.isWhole(letters) {
		return whole
	}
	if bytes.Contains(letters, []byte("public")) {
		return open
	}
	if w.holdsAny(letters, openTerms) {
		return inside
	}
	found := open
	for i := range w.count {
		found = max(found, w.wordLevel(i))
	}
	return found
}

// asks reports whether a name that begins with a word is answered by yes or no.
func asks(word []byte) bool {
	switch string(word) {
	case "allow", "allows", "require", "requires", "generate", "has", "is", "use", "uses", "enable", "store", "manage", "manages", "force", "rotate", "exclude", "include", "show", "hide", "with", "supports":
		return true
	}
	return false
}

func isNumber(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// isWhole knows the names of which nothing may be kept.
func (w *splitName) isWhole(letters []byte) bool {
	switch string(letters) {
	case "secretstring", "secretbinary", "keymaterial", "plaintext", "privatekeyplaintext", "userdata", "userdatabase", "customdata",
		"samlassertion", "basestringseed", "base32stringseed", "qrcodepng", "kubeconfig", "dockerconfigjson", "dockercfg", "pgpass", "netrc":
		return true
	}
	return w.holdsAny(letters, wholeTerms)
}

// A term is a text that is looked for in names, with a bit for each of its letters: most
// names lack one.
type term struct {
	text    string
	letters uint32
}

func terms(texts ...string) []term {
	all := make([]term, len(texts))
	for i, text := range texts {
		var w splitName
		w.split(text)
		all[i] = term{text, w.seen}
	}
	return all
}

var (
	wholeTerms = terms("password", "passwd", "passphrase", "passcode", "privatekey", "secretkey", "secretaccesskey", "authparameters", "connectionstring", "connstr")
	// openTerms are keys and tokens that open something.
	openTerms = terms("apikey", "accesskey", "sharedkey", "signingkey", "accountkey", "authkey", "accesstoken", "authtoken", "refreshtoken", "bearertoken", "sessiontoken",
		"clientsecret", "sharedaccesssignature")
)

// holdsAny reports whether letters hold one of the terms, and no word after it that only
// tells of it.
func (w *splitName) holdsAny(letters []byte, all []term) bool {
	for k := range all {
		t := &all[k]
		if t.letters&^w.seen != 0 {
			continue
		}
		if i := bytes.Index(letters, []byte(t.text)); i >= 0 && !tells(letters[i+len(t.text):]) {
			return true
		}
	}
	return false
}

// wordLevel is what one word of a name says.
func (w *splitName) wordLevel(i int) level {
	switch string(w.word(i)) {
	case "secret", "secrets", "credential", "credentials", "creds", "passkey", "jwt", "auths", "idtoken":
		return inside
	case "pwd":
		return whole
	case "pass":
		if i > 0 && i == w.count-1 {
			return inside
		}
	case "pat":
		if i > 0 && i == w.count-1 && issuesPAT(w.word(i-1)) {
			return inside
		}
	case "token":
		if !w.pages(i) {
			return inside
		}
	case "tokens":
		if i == 0 || !counts(w.word(i-1)) {
			return inside
		}
	case "authorization", "cookie", "cookies":
		if i == w.count-1 {
			return words
		}
	}
	return open
}

// issuesPAT reports whether a word names who issues personal access tokens.
func issuesPAT(word []byte) bool {
	switch string(word) {
	case "github", "gh", "gitlab", "azure", "devops", "ado":
		return true
	}
	return false
}

// pages reports whether the token at i is no secret: one that turns pages, or makes a
// request happen once.
func (w *splitName) pages(i int) bool {
	if i == 0 {
		return false
	}
	switch string(w.word(i - 1)) {
	case "next", "page", "pagination", "paging", "continuation", "client", "idempotency", "request":
		return true
	case "creation", "lock", "change", "update", "sequence", "starting", "start", "previous", "prev", "sync", "forward", "backward", "resume", "list",
		"marker", "cursor", "position", "deduplication", "caller", "state", "snapshot", "transaction":
		return w.lower // AWS's own members; a variable of the environment may be anything
	}
	return false
}

// counts reports whether tokens after a word are units of a language model.
func counts(word []byte) bool {
	switch string(word) {
	case "max", "min", "input", "output", "total", "completion", "prompt", "cached", "reasoning", "num", "of", "per", "http":
		return true
	}
	return false
}

// tells reports whether a name that ends in a word only tells of a secret: what it is
// called, when it ends, where it lies.
func tells(word []byte) bool {
	switch string(word) {
	case "id", "ids", "arn", "arns", "name", "names", "type", "types", "version", "versions", "status", "state", "enabled", "disabled", "count", "counts", "length", "size",
		"policy", "policies", "expiry", "expiration", "expires", "expire", "prevention", "validity", "date", "time", "timestamp", "at", "on", "ttl", "days", "seconds", "minutes", "hours",
		"period", "age", "rotation", "required", "reset", "last", "used", "min", "max", "limit", "url", "uri", "urls", "endpoint", "endpoints", "path", "file", "location",
		"provider", "providers", "scope", "scopes", "mode", "format", "md5", "fingerprint", "config", "configuration", "configurations", "settings", "options", "option",
		"rule", "rules", "requirements", "pending", "updated", "created", "changed", "needed", "exists", "set", "from", "description", "source", "stdin", "prompt", "owner",
		"region", "account", "protection", "manager", "store", "stage", "stages", "behavior", "behaviour", "alias", "algorithm", "quota", "quotas", "summary", "metadata",
		"issuer", "header", "support", "supported", "signature", "hint", "console", "recovery", "change", "agent", "command", "group", "groups", "username", "user", "users", "service", "services", "usage", "active", "valid", "invalid", "present", "spec", "expression":
		return true
	}
	return false
}
