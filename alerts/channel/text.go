package channel

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// repeatedMark is on every message that may have been sent before.
const repeatedMark = "[may have been sent before] "

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
	return oneLine(fmt.Sprintf("%s[%s] %s: %s", mark, m.Severity, m.Title, strings.Join(parts, ", ")))
}

// text is the whole message for people, without markup.
func (m Message) text() string {
	var b strings.Builder
	b.WriteString(m.headline() + "\n")
	if m.Text != "" {
		b.WriteString("\n" + m.Text + "\n")
	}
	section := func(title string, items []Item, more int) {
		if len(items) == 0 {
			return
		}
		b.WriteString("\n" + title + "\n")
		for _, i := range items {
			b.WriteString("  " + i.line() + "\n")
			if i.Link != "" {
				b.WriteString("    " + i.Link + "\n")
			}
		}
		if more > 0 {
			fmt.Fprintf(&b, "  and %d more\n", more)
		}
	}
	section("Firing", m.Firing, m.MoreFiring)
	section("Resolved", m.Resolved, m.MoreResolved)
	b.WriteString("\n")
	for _, l := range m.links() {
		b.WriteString(l.Name + ": " + l.Value + "\n")
	}
	fmt.Fprintf(&b, "%s, evaluated %s, %d open\n", m.Alert, m.At.UTC().Format(time.RFC3339), m.Open)
	return b.String()
}

// links are where to go on.
func (m Message) links() []Pair {
	var out []Pair
	if m.Link != "" {
		out = append(out, Pair{"Dashboard", m.Link})
	}
	if m.Runbook != "" {
		out = append(out, Pair{"Runbook", m.Runbook})
	}
	return out
}

// line describes an episode in a line.
func (i Item) line() string {
	list := func(all []Pair) string {
		var parts []string
		for _, p := range all {
			if p.Value != "" {
				parts = append(parts, p.Name+"="+p.Value)
			}
		}
		return strings.Join(parts, ", ")
	}
	out := list(i.Labels)
	if values := list(i.Values); values != "" {
		out = strings.TrimPrefix(out+": "+values, ": ")
	}
	since := " since "
	if i.Reminder {
		since = " still since "
	}
	return oneLine(out + since + i.Since.UTC().Format("2006-01-02 15:04 UTC"))
}

// oneLine replaces whatever could break a line or hide in it.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// clip cuts a text to at most so many characters.
func clip(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}
