package channel

import (
	"fmt"
	"html"
	"sort"
	"strings"
)

// The most characters of a message's parts, of ours: of more, people read nothing.
const (
	mostTitle = 500
	mostText  = 10_000
	mostLine  = 2000
)

// letter is a message for people, in parts that are clean of control characters. Markup is the channel's to escape.
type letter struct {
	headline, text, foot string
	firing, resolved     list
	links                []Pair
}

// list is a part of a letter: episodes, and how many more there are.
type list struct {
	title string
	lines []line
	more  int
}

// line is an episode in a line, and its page.
type line struct{ text, link string }

// letter prepares a message; an episode has at most so many characters.
func (m Message) letter(most int) letter {
	lines := func(items []Item, describe func(i Item, most int) string) []line {
		out := make([]line, len(items))
		for i, item := range items {
			out[i] = line{describe(item, most), webAddress(item.Link)}
		}
		return out
	}
	return letter{
		headline: m.headline(), text: clip(paragraphs(m.Text), mostText), links: m.links(),
		foot:     oneLine(fmt.Sprintf("%s, evaluated %s, %d open", m.Alert, m.At.UTC().Format(minute), m.Open)),
		firing:   list{"Firing", lines(m.Firing, Item.firing), m.MoreFiring},
		resolved: list{"Resolved", lines(m.Resolved, Item.resolved), m.MoreResolved},
	}
}

// lists are the lists that are not empty.
func (l letter) lists() []list {
	var out []list
	for _, x := range []list{l.firing, l.resolved} {
		if len(x.lines)+x.more > 0 {
			out = append(out, x)
		}
	}
	return out
}

// fit returns a letter that lists fewer episodes, and counts more, so that it fits.
func (l letter) fit(fits func(letter) bool) letter {
	of := func(firing, resolved int) letter {
		out := l
		out.firing, out.resolved = l.firing.first(firing), l.resolved.first(resolved)
		return out
	}
	return of(mostThatFit(len(l.firing.lines), len(l.resolved.lines), func(f, r int) bool { return fits(of(f, r)) }))
}

// first is the list with its first lines; the others are counted.
func (l list) first(n int) list {
	l.more += len(l.lines) - n
	l.lines = l.lines[:n]
	return l
}

// mostThatFit returns the greatest numbers of firing and resolved episodes that fit, none if nothing does. The longer list is cut first.
func mostThatFit(firing, resolved int, fits func(firing, resolved int) bool) (int, int) {
	split := func(left int) (int, int) {
		f := min(firing, max((left+1)/2, left-resolved))
		return f, left - f
	}
	all := firing + resolved
	return split(all - sort.Search(all, func(cut int) bool { return fits(split(all - cut)) }))
}

// plain is the letter as text without markup.
func (l letter) plain() string {
	var b strings.Builder
	b.WriteString(l.headline + "\n")
	if l.text != "" {
		b.WriteString("\n" + l.text + "\n")
	}
	for _, x := range l.lists() {
		b.WriteString("\n" + x.title + "\n")
		for _, i := range x.lines {
			b.WriteString("  " + i.text + "\n")
			if i.link != "" {
				b.WriteString("    " + i.link + "\n")
			}
		}
		if x.more > 0 {
			b.WriteString("  " + andMore(x.more) + "\n")
		}
	}
	b.WriteString("\n")
	for _, to := range l.links {
		b.WriteString(to.Name + ": " + to.Value + "\n")
	}
	b.WriteString(l.foot + "\n")
	return b.String()
}

// html is the letter as a page that loads nothing.
func (l letter) html() string {
	var b strings.Builder
	esc := html.EscapeString
	fmt.Fprintf(&b, "<!doctype html><html><body style=\"font-family:sans-serif\"><h2>%s</h2>", esc(l.headline))
	if l.text != "" {
		fmt.Fprintf(&b, "<p>%s</p>", strings.ReplaceAll(esc(l.text), "\n", "<br>"))
	}
	for _, x := range l.lists() {
		fmt.Fprintf(&b, "<h3>%s</h3><ul>", x.title)
		for _, i := range x.lines {
			text := esc(i.text)
			if i.link != "" {
				text = fmt.Sprintf("<a href=\"%s\">%s</a>", esc(i.link), text)
			}
			b.WriteString("<li>" + text + "</li>")
		}
		if x.more > 0 {
			b.WriteString("<li>" + andMore(x.more) + "</li>")
		}
		b.WriteString("</ul>")
	}
	for _, to := range l.links {
		fmt.Fprintf(&b, "<p><a href=\"%s\">%s</a></p>", esc(to.Value), to.Name)
	}
	fmt.Fprintf(&b, "<p style=\"color:#666\">%s</p></body></html>", esc(l.foot))
	return b.String()
}

func andMore(n int) string { return fmt.Sprintf("and %d more", n) }
