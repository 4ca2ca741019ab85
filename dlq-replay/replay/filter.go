package replay

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"polo/envelope"
)

// Filter selects letters that match every field that is set. A list matches by any of its values, a
// pack by any of its events.
type Filter struct {
	IDs      []string `json:"ids,omitempty"`
	Reasons  []string `json:"reasons,omitempty"`
	Sources  []string `json:"sources,omitempty"`
	Types    []string `json:"types,omitempty"`
	Accounts []string `json:"accounts,omitempty"`
	// ARN is a pattern in which * matches any text and ? one character.
	ARN   string    `json:"arn,omitempty"`
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// Match is a text that the error or the body contains, in any case.
	Match string `json:"match,omitempty"`
	// Corrected selects letters that an edit created.
	Corrected bool `json:"corrected,omitempty"`
}

// Empty reports whether the filter matches everything.
func (f Filter) Empty() bool {
	return len(f.IDs)+len(f.Reasons)+len(f.Sources)+len(f.Types)+len(f.Accounts) == 0 && f.ARN == "" && f.Match == "" && !f.Corrected &&
		f.Since.IsZero() && f.Until.IsZero()
}

const (
	// briefValues bounds the values of a list in an audit event, briefBytes the whole filter: it
	// can contain more ids than fit a message.
	briefValues = 20
	briefBytes  = 8 << 10
)

// brief returns the filter for an audit event.
func (f Filter) brief() (string, error) {
	for _, list := range []*[]string{&f.IDs, &f.Reasons, &f.Sources, &f.Types, &f.Accounts} {
		if n := len(*list); n > briefValues {
			*list = append(slices.Clone((*list)[:briefValues]), fmt.Sprintf("and %d more", n-briefValues))
		}
	}
	text, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("encoding the filter: %w", err)
	}
	if len(text) > briefBytes {
		return strings.ToValidUTF8(string(text[:briefBytes]), "") + "…", nil
	}
	return string(text), nil
}

// Matcher compiles the filter.
func (f Filter) Matcher() func(*Letter) bool {
	var arn *regexp.Regexp
	if f.ARN != "" {
		quoted := regexp.QuoteMeta(f.ARN)
		arn = regexp.MustCompile("^" + strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(quoted) + "$")
	}
	match := strings.ToLower(f.Match)
	anyOf := func(list, values []string) bool {
		return len(list) == 0 || slices.ContainsFunc(values, func(v string) bool { return slices.Contains(list, v) })
	}
	return func(l *Letter) bool {
		at := l.At()
		switch {
		case !anyOf(f.IDs, []string{l.ID()}), !anyOf(f.Reasons, []string{l.Reason()}):
			return false
		case !anyOf(f.Sources, l.Sources()), !anyOf(f.Types, l.Types()), !anyOf(f.Accounts, l.Accounts()):
			return false
		case f.Corrected && !l.Corrected():
			return false
		case !f.Since.IsZero() && at.Before(f.Since), !f.Until.IsZero() && !at.Before(f.Until):
			return false
		case arn != nil && !slices.ContainsFunc(l.Events, func(e envelope.ResourceEvent) bool { return arn.MatchString(e.ARN) }):
			return false
		case match != "":
			return strings.Contains(strings.ToLower(l.Failure.Err), match) || l.holds(match)
		}
		return true
	}
}

// holds searches the body, or the events of a pack.
func (l *Letter) holds(lower string) bool {
	if strings.Contains(strings.ToLower(l.Body()), lower) {
		return true
	}
	return slices.ContainsFunc(l.Lines, func(line []byte) bool { return strings.Contains(strings.ToLower(string(line)), lower) })
}
