package cloudtrail

import (
	"bytes"
	"path"
	"regexp"
	"strings"
)

// Likeness is how sure it is that a file holds records.
type Likeness int

// From the least to the most.
const (
	// Unlike: neither name nor content tells of records.
	Unlike Likeness = iota
	// Named: the name alone does.
	Named
	// Similar: the content has members of records, which others may have, too.
	Similar
	// Alike: the content has what only records have.
	Alike
)

var (
	// memberOf finds the members of records, also of those that stand as text in another
	// document, with their quotes escaped.
	memberOf = regexp.MustCompile(`"(eventVersion|eventTime|eventSource|eventName|eventID|eventCategory|awsRegion|userIdentity|recipientAccountId|requestParameters)\\*"`)
	// wrapperOf is how documents begin that hold records.
	wrapperOf = regexp.MustCompile(`^\s*\{\s*"(Records|records|Events|logEvents|messageType|awslogs)"`)
	// foreignSource is the source of a notification that AWS sends to a queue or a
	// function, which has members of the same names.
	foreignSource = regexp.MustCompile(`"eventSource"\s*:\s*"aws:`)
)

// NamesLog tells whether a name is one that records are delivered under: compressed
// JSON, or the compressed export of a log, whose name tells nothing.
func NamesLog(name string) bool {
	plain, zipped := strings.CutSuffix(strings.ToLower(path.Base(name)), ".gz")
	return zipped && (claimsJSON(name) || path.Ext(plain) == "" || path.Ext(plain) == ".log")
}

// hasMembers tells whether text has two different members of records.
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

// Sniff tells by a file's name and by how its text begins, of which 64 KiB are enough,
// whether it holds records. Damaged or cut text is told by what is left of it.
func Sniff(name string, text []byte) Likeness {
	has := func(word string) bool { return bytes.Contains(text, []byte(word)) }
	ours := !has(`"aws:`) || has(`.amazonaws.com`) || !foreignSource.Match(text)
	switch {
	case ours && has(`"eventTime"`) && has(`"eventSource"`), has(`"detail-type"`), has(`"CloudTrailEvent"`), has(`"configRuleArn"`), isDigest(text):
		return Alike
	case ours && (wrapperOf.Match(text) || hasMembers(text)):
		return Similar
	case claimsJSON(name) && strings.Contains(strings.ToLower(path.Base(name)), "cloudtrail"):
		return Named
	}
	return Unlike
}
