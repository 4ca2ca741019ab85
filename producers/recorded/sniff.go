package recorded

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"polo/producers/inventory"
)

var (
	// readingCall is how the names of calls begin that only read.
	readingCall = regexp.MustCompile(`^(Describe|List|Get|BatchGet|BatchDescribe|Select|Search|Lookup|Filter)[A-Z]`)
	// callInName is a call as its API writes it.
	callInName = regexp.MustCompile(`\.([A-Z][a-z]+[A-Z][A-Za-z0-9]*|Query|Scan)(_[0-9]+)?\.json$`)
	// recorderBegins is how the files of botocore's recorder begin.
	recorderBegins = regexp.MustCompile(`^\s*\{\s*"(status_code"\s*:\s*[0-9]{3}\s*,\s*"data|data"\s*:\s*\{)`)
)

// callOf reads a service and a call from the name of a file, compressed or not.
func callOf(name string) (service, call string, ok bool) {
	return inventory.CallOfFile(plainName(name))
}

// plainName is a file's name without its folder and what tells that it is compressed.
func plainName(name string) string { return strings.TrimSuffix(path.Base(name), ".gz") }

// OfTrail tells whether a name is of an answer that lists what a trail records.
func OfTrail(name string) bool {
	service, call, _ := callOf(name)
	return service == "cloudtrail" && call == "LookupEvents"
}

// Sniff tells by a file's name and by how its text begins whether it is an answer of an
// API: its name tells a call, or the text has costs or what recorders add. A dot in a name
// makes no call of it (package.lock.json).
func Sniff(name string, text []byte) bool {
	if _, call, ok := callOf(name); ok && (readingCall.MatchString(call) || callInName.MatchString(plainName(name))) {
		return true
	}
	if start := bytes.TrimLeft(text, "\xef\xbb\xbf \t\r\n"); !bytes.HasPrefix(start, []byte("{")) && !bytes.HasPrefix(start, []byte("[")) {
		return false
	}
	return hasCosts(text) || bytes.Contains(text, []byte(`"ResponseMetadata"`)) || recorderBegins.Match(text)
}
