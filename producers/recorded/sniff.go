package recorded

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"polo/producers/inventory"
)

var (
	// readingCall matches the beginning of names of read-only calls.
	readingCall = regexp.MustCompile(`^(Describe|List|Get|BatchGet|BatchDescribe|Select|Search|Lookup|Filter)[A-Z]`)
	// callInName matches a call in the API's spelling.
	callInName = regexp.MustCompile(`\.([A-Z][a-z]+[A-Z][A-Za-z0-9]*|Query|Scan)(_[0-9]+)?\.json$`)
	// recorderBegins matches the beginning of files of botocore's recorder.
	recorderBegins = regexp.MustCompile(`^\s*\{\s*"(status_code"\s*:\s*[0-9]{3}\s*,\s*"data|data"\s*:\s*\{)`)
)

// callOf parses service and call from a file's name, compressed or not.
func callOf(name string) (service, call string, ok bool) {
	return inventory.CallOfFile(plainName(name))
}

// plainName returns a file's name without folder and without .gz.
func plainName(name string) string { return strings.TrimSuffix(path.Base(name), ".gz") }

// OfTrail reports whether a name is that of a response that lists a trail's records.
func OfTrail(name string) bool {
	service, call, _ := callOf(name)
	return service == "cloudtrail" && call == "LookupEvents"
}

// Sniff reports whether a file is an API's response, by its name and the beginning of its
// text: the name states a call, or the text has costs or what recorders add. A dot alone
// does not make a name a call (package.lock.json).
func Sniff(name string, text []byte) bool {
	if _, call, ok := callOf(name); ok && (readingCall.MatchString(call) || callInName.MatchString(plainName(name))) {
		return true
	}
	if start := bytes.TrimLeft(text, "\xef\xbb\xbf \t\r\n"); !bytes.HasPrefix(start, []byte("{")) && !bytes.HasPrefix(start, []byte("[")) {
		return false
	}
	return hasCosts(text) || bytes.Contains(text, []byte(`"ResponseMetadata"`)) || recorderBegins.Match(text)
}
