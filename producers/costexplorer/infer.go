package costexplorer

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/producers/awscatalog"
)

// granularityOf returns a recording's granularity: the request's if known, else the word in its
// name, else the length of its periods. A request for a month with a single day looks daily.
func granularityOf(r Recording, results []result) types.Granularity {
	if r.Granularity != "" {
		return r.Granularity
	}
	words := wordsOf(r.Name)
	for _, g := range [...]types.Granularity{types.GranularityHourly, types.GranularityDaily, types.GranularityMonthly} {
		if slices.Contains(words, strings.ToLower(string(g))) {
			return g
		}
	}
	longest := time.Duration(0)
	for _, one := range results {
		if span, err := one.TimePeriod.span(); err == nil {
			longest = max(longest, span.to.Sub(span.from))
		}
	}
	switch {
	case longest > day:
		return types.GranularityMonthly
	case longest > time.Hour || longest == 0:
		return types.GranularityDaily
	}
	return types.GranularityHourly
}

// wordsOf returns the words of a file's name in lower case.
func wordsOf(name string) []string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// groupsOf returns the groups of a recording: the request's if known, else the answer's, else
// those in its name, else those that its keys look like.
func groupsOf(r Recording, said []Group, results []result) []Group {
	groups := r.GroupBy
	if len(groups) == 0 {
		groups = said
	}
	width := 0
	for _, one := range results {
		for _, g := range one.Groups {
			width = max(width, len(g.Keys))
		}
	}
	groups = slices.Clone(groups)
	named := groupsOfName(r.Name)
	for i := len(groups); i < width; i++ {
		g := looksLike(column(results, i))
		if i < len(named) && len(named) == width {
			g = named[i]
		}
		groups = append(groups, g)
	}
	return groups
}

// groupsOfName parses "..._by_linked_account_and_service_...".
func groupsOfName(name string) []Group {
	words := wordsOf(name)
	at := slices.Index(words, "by")
	if at < 0 {
		return nil
	}
	var groups []Group
	for rest := words[at+1:]; len(rest) > 0; {
		found := false
		for _, known := range knownDimensions() {
			parts := strings.Split(strings.ToLower(known.words), "_")
			if len(rest) >= len(parts) && slices.Equal(rest[:len(parts)], parts) {
				groups, rest, found = append(groups, dimension(known.key)), rest[len(parts):], true
				break
			}
		}
		if !found && (rest[0] == "and" || rest[0] == "by") {
			rest, found = rest[1:], true
		}
		if !found {
			break
		}
	}
	return groups
}

type dimensionWords struct{ words, key string }

// knownDimensions returns the API's dimensions and the words for them in file names.
func knownDimensions() []dimensionWords {
	out := []dimensionWords{{"ACCOUNT", dimAccount}}
	for _, d := range types.Dimension("").Values() {
		out = append(out, dimensionWords{string(d), string(d)})
	}
	return out
}

// column returns the i-th keys of all lines.
func column(results []result, i int) []string {
	var keys []string
	for _, one := range results {
		for _, g := range one.Groups {
			if i < len(g.Keys) {
				keys = append(keys, g.Keys[i])
			}
		}
	}
	return keys
}

var (
	accountForm   = regexp.MustCompile(`^\d{12}$`)
	usageTypeForm = regexp.MustCompile(`^([A-Z]{2,4}\d?-)?[A-Za-z0-9]+([-:.][A-Za-z0-9.]+)+$`)
)

// looksLike guesses what keys are. It needs all of them, because one alone is ambiguous: a
// service's name may have no space.
func looksLike(keys []string) Group {
	all := func(is func(string) bool) bool {
		return len(keys) > 0 && !slices.ContainsFunc(keys, func(k string) bool { return !is(k) })
	}
	services := 0
	for _, k := range keys {
		if _, known := awscatalog.ServiceOfBill(k); known || strings.HasPrefix(k, "Amazon ") || strings.HasPrefix(k, "AWS ") {
			services++
		}
	}
	switch {
	case all(accountForm.MatchString):
		return dimension(dimAccount)
	case all(func(k string) bool { return awscatalog.IsRegion(k) || k == "global" || k == "NoRegion" }):
		return dimension(dimRegion)
	case all(func(k string) bool { return tagKey(k) == tagKey(keys[0]) && tagKey(k) != "" }):
		return Group{types.GroupDefinitionTypeTag, tagKey(keys[0])}
	// Tax and support are listed among services and look like none.
	case services > 0 && 2*services >= len(keys):
		return dimension(dimService)
	case all(usageTypeForm.MatchString):
		return dimension(dimUsageType)
	}
	return Group{}
}

// tagKey returns the key of "key$value", "" if there is none.
func tagKey(s string) string {
	key, _, found := strings.Cut(s, "$")
	if !found {
		return ""
	}
	return key
}
