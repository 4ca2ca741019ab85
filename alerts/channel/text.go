package channel

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// repeatedMark is on every message that may have been sent before.
	repeatedMark = "[may have been sent before] "
	// mostAddress is the most bytes of a link; a longer one breaks in mail programs, and fills a block of Slack's.
	mostAddress = 1000
	minute      = "2006-01-02 15:04 UTC"
)

// headline says in a line what the message is about.
func (m Message) headline() string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	firing, reminders := 0, 0
	for _, i := range m.Firing {
		if i.Reminder {
			reminders++
		} else {
			firing++
		}
	}
	// Which of the others are reminders is not known; all of a message are, or none.
	if firing > 0 || reminders == 0 {
		firing += m.MoreFiring
	} else {
		reminders += m.MoreFiring
	}
	add(firing, "firing")
	add(reminders, "still firing")
	add(len(m.Resolved)+m.MoreResolved, "resolved")
	mark := ""
	if m.Repeated {
		mark = repeatedMark
	}
	return oneLine(fmt.Sprintf("%s[%s] %s: %s", mark, m.Severity, clip(oneLine(m.Title), mostTitle), strings.Join(parts, ", ")))
}

// links are to the dashboard and the runbook.
func (m Message) links() []Pair {
	var out []Pair
	for _, l := range []Pair{{"Dashboard", webAddress(m.Link)}, {"Runbook", webAddress(m.Runbook)}} {
		if l.Value != "" {
			out = append(out, l)
		}
	}
	return out
}

// webAddress returns an address that is safe as a link, or nothing.
func webAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || len(address) > mostAddress || strings.ContainsFunc(address, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune("<>|\"\\^`{}", r)
	}) {
		return ""
	}
	return address
}

func (i Item) firing(most int) string {
	if i.Reminder {
		return i.line("still since", most)
	}
	return i.line("since", most)
}

func (i Item) resolved(most int) string { return i.line("resolved", most) }

// line describes an episode in a line of at most so many characters. A long value leaves room for the others, and for the time.
func (i Item) line(since string, most int) string {
	join := func(all []Pair) string {
		var parts []string
		for _, p := range all {
			if p.Value != "" {
				parts = append(parts, clip(oneLine(p.Name), most/3)+"="+clip(oneLine(p.Value), most/3))
			}
		}
		return strings.Join(parts, ", ")
	}
	out := join(i.Labels)
	if values := join(i.Values); values != "" {
		out = strings.TrimPrefix(out+": "+values, ": ")
	}
	since += " " + i.Since.UTC().Format(minute)
	return strings.TrimSpace(clip(out, most-len(since)-1) + " " + since)
}

// paragraphs is oneLine for a text that may have several.
func paragraphs(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = oneLine(lines[i])
	}
	return strings.Join(lines, "\n")
}

// oneLine replaces whatever could break a line or hide in it.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// clip cuts a valid text to at most so many characters.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	runes := []rune(strings.ToValidUTF8(text[:min(len(text), utf8.UTFMax*(most+1))], "")) // no more than is needed to know
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}
