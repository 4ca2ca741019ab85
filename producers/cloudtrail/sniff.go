package cloudtrail

import (
	"bytes"
	"path"
	"regexp"
	"strings"
)

// Confidence is how sure it is that a file holds records.
type Confidence int

// From the lowest to the highest.
const (
	// Unlikely: neither name nor content suggests records.
	Unlikely Confidence = iota
	// NameOnly: only the name suggests records.
	NameOnly
	// Possible: the content has members of records, which other files may have, too.
	Possible
	// Certain: the content has what only records have.
	Certain
)

var (
	// memberOf matches the members of records, also in text within another document, with escaped
	// quotes.
	memberOf = regexp.MustCompile(`"(eventVersion|eventTime|eventSource|eventName|eventID|eventCategory|awsRegion|userIdentity|recipientAccountId|requestParameters)\\*"`)
	// wrapperOf matches the start of documents that hold records.
	wrapperOf = regexp.MustCompile(`^\s*\{\s*"(Records|records|Events|logEvents|messageType|awslogs)"`)
	// foreignSource matches the source of a notification that AWS sends to a queue or a function:
	// its members have the same names.
	foreignSource = regexp.MustCompile(`"eventSource"\s*:\s*"aws:`)
)

// NamesLog reports whether records are delivered under such a name: compressed JSON, or the
// compressed export of a log, whose name is arbitrary.
func NamesLog(name string) bool {
	plain, zipped := strings.CutSuffix(strings.ToLower(path.Base(name)), ".gz")
	return zipped && (claimsJSON(name) || path.Ext(plain) == "" || path.Ext(plain) == ".log")
}

// hasMembers reports whether text has two different members of records.
func hasMembers(text []byte) bool {
	first := memberOf.FindSubmatch(text)
	if first == nil {
		return false
	}
	for _, m := range memberOf.FindAllSubmatch(text, -1) {
		if !bytes.Equal(m[1], first[1]) {
			return true
		}
	}
	return false
}

// Sniff returns, by a file's name and the start of its text (64 KiB suffice), whether it holds
// records. Damaged or truncated text is judged by the rest.
func Sniff(name string, text []byte) Confidence {
	has := func(word string) bool { return bytes.Contains(text, []byte(word)) }
	ours := !has(`"aws:`) || has(`.amazonaws.com`) || !foreignSource.Match(text)
	switch {
	case ours && has(`"eventTime"`) && has(`"eventSource"`), has(`"detail-type"`), has(`"CloudTrailEvent"`), has(`"configRuleArn"`), isDigest(text):
		return Certain
	case ours && (wrapperOf.Match(text) || hasMembers(text)):
		return Possible
	case claimsJSON(name) && strings.Contains(strings.ToLower(path.Base(name)), "cloudtrail"):
		return NameOnly
	}
	return Unlikely
}
