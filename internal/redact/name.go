package redact

import "bytes"

// level says how much of the value under a name is secret.
type level uint8

const (
	open level = iota
	// textOnly marks names under which only text is secret: headers such as Cookie, which
	// share their names with settings.
	textOnly
	// scalars marks names under which scalars are secret. In lists and objects every member
	// is, except those that only describe the secret: an id, a date, an ARN.
	scalars
	// whole marks names whose value is secret, whatever its type.
	whole
)

// Name reports whether the value under a name is secret. A name is a JSON member, a tag
// key, an environment variable, a flag, a query parameter or a column.
func Name(name string) bool { return levelOf(name) != open }

// maxNameWords bounds the words of a name that are checked.
const maxNameWords = 24

// splitName is a name split into words: "dbMasterPASSWORD_2" is db, master, password, 2.
type splitName struct {
	letters []byte // all words in lower case, concatenated
	ends    [maxNameWords]int
	count   int
	// lower is set if the name has a lower-case letter.
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

// kind is a class of characters. The order matters: kinds from joint on may be part of a
// name, kinds from small on part of a word.
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

// split splits a name where a character is no letter or digit, and where case or kind
// changes.
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

// startsWord reports whether the capital at i, after another capital, starts a word: the P
// of DBPassword, but not the D of userIDs.
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

// nameInfo is what a member's name says about values.
type nameInfo struct {
	level level
	// names is set if the member's value is the name of a sibling; holds if the member
	// holds the value that a sibling names.
	names, holds bool
	// describes is set if the member only describes a secret around it; lists if the
	// objects of its list do, as in ListSecrets' SecretList.
	describes, lists bool
	// unclean is set if the name itself holds a secret.
	unclean bool
}

func infoOf(name string) nameInfo {
	var buf [64]byte
	w := splitName{letters: buf[:0]}
	w.split(name)
	info := nameInfo{names: namesOther(w.letters)}
	if w.count > 0 {
		last := w.word(w.count - 1)
		info.holds, info.describes = holdsValue(last), describes(last)
		info.lists = string(last) == "list" || string(last) == "summaries"
	}
	info.level = w.level()
	return info
}

// namesOther reports whether a member of that name holds a sibling's name.
func namesOther(letters []byte) bool {
	switch string(letters) {
	case "name", "key", "k", "n", "parameterkey", "parametername", "parameter", "optionname", "option", "variable", "variablename", "varname", "environmentvariable",
		"environmentvariablename", "envname", "settingname", "setting", "attributename", "attribute", "propertyname", "property", "propertykey", "fieldname", "field",
		"headername", "header", "tagkey", "tagname", "configname", "configurationname", "argumentname":
		return true
	}
	return false
}

// holdsValue reports whether a member whose name ends in word holds the value that a
// sibling names.
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
	if w.count > 1 && describes(last) {
		return open
	}
	if l := w.judge(); l == open || w.count == 1 || !isQuestion(w.word(0)) {
		return l
	}
	return textOnly // manageMasterUserPassword: true is a setting, not a secret
}

// judge returns the level before the exception for yes-or-no questions.
func (w *splitName) judge() level {
	letters := w.letters[:w.ends[w.count-1]]
	if w.isWhole(letters) {
		return whole
	}
	if bytes.Contains(letters, []byte("public")) {
		return open
	}
	if w.holdsAny(letters, openTerms) {
		return scalars
	}
	found := open
	for i := range w.count {
		found = max(found, w.wordLevel(i))
	}
	return found
}

// isQuestion reports whether a name that starts with word has the value yes or no.
func isQuestion(word []byte) bool {
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

// isWhole reports whether the name is one of level whole.
func (w *splitName) isWhole(letters []byte) bool {
	switch string(letters) {
	case "secretstring", "secretbinary", "keymaterial", "plaintext", "privatekeyplaintext", "userdata", "userdatabase", "customdata",
		"samlassertion", "basestringseed", "base32stringseed", "qrcodepng", "kubeconfig", "dockerconfigjson", "dockercfg", "pgpass", "netrc",
		"destinationconf", "ownershipchallenge": // where Cloudflare's logs go, with its keys, and the proof that it is theirs
		return true
	}
	return w.holdsAny(letters, wholeTerms)
}

// A term is a text to search for in names. Its bit set of letters rules out most names
// quickly.
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
	// openTerms are keys and tokens that give access.
	openTerms = terms("apikey", "accesskey", "sharedkey", "signingkey", "accountkey", "authkey", "accesstoken", "authtoken", "refreshtoken", "bearertoken", "sessiontoken",
		"clientsecret", "sharedaccesssignature")
)

// holdsAny reports whether letters contain one of the terms, unless the rest only describes
// it.
func (w *splitName) holdsAny(letters []byte, all []term) bool {
	for k := range all {
		t := &all[k]
		if t.letters&^w.seen != 0 {
			continue
		}
		if i := bytes.Index(letters, []byte(t.text)); i >= 0 && !describes(letters[i+len(t.text):]) {
			return true
		}
	}
	return false
}

// wordLevel returns the level that one word gives the name.
func (w *splitName) wordLevel(i int) level {
	switch string(w.word(i)) {
	case "secret", "secrets", "credential", "credentials", "creds", "passkey", "jwt", "auths", "idtoken":
		return scalars
	case "pwd":
		return whole
	case "pass":
		if i > 0 && i == w.count-1 {
			return scalars
		}
	case "pat":
		if i > 0 && i == w.count-1 && issuesPAT(w.word(i-1)) {
			return scalars
		}
	case "token":
		if !w.isPlainToken(i) {
			return scalars
		}
	case "tokens":
		if i == 0 || !countsTokens(w.word(i-1)) {
			return scalars
		}
	case "authorization", "cookie", "cookies":
		if i == w.count-1 {
			return textOnly
		}
	}
	return open
}

// issuesPAT reports whether word is an issuer of personal access tokens.
func issuesPAT(word []byte) bool {
	switch string(word) {
	case "github", "gh", "gitlab", "azure", "devops", "ado":
		return true
	}
	return false
}

// isPlainToken reports whether the token at word i is not a secret: a page token or an
// idempotency token.
func (w *splitName) isPlainToken(i int) bool {
	if i == 0 {
		return false
	}
	switch string(w.word(i - 1)) {
	case "next", "page", "pagination", "paging", "continuation", "client", "idempotency", "request":
		return true
	case "creation", "lock", "change", "update", "sequence", "starting", "start", "previous", "prev", "sync", "forward", "backward", "resume", "list",
		"marker", "cursor", "position", "deduplication", "caller", "state", "snapshot", "transaction":
		return w.lower // AWS's own members; an environment variable may be anything
	}
	return false
}

// countsTokens reports whether tokens after word are those of a language model.
func countsTokens(word []byte) bool {
	switch string(word) {
	case "max", "min", "input", "output", "total", "completion", "prompt", "cached", "reasoning", "num", "of", "per", "http":
		return true
	}
	return false
}

// describes reports whether a name that ends in word only describes a secret: its name, its
// expiry, its location.
func describes(word []byte) bool {
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
