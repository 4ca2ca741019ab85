package main

import (
	"fmt"
	"math"
	"strings"
)

// tables renders all that was measured, in Markdown.
func tables(all []measured) string {
	var b strings.Builder
	last := all[len(all)-1]
	fmt.Fprintf(&b, "%s resources in three daily scans; milliseconds, the 50th and 95th percentile of %d runs (of three, if they take longer than a minute), by the native protocol as the read-only account, on two cores; at rest, and while each second 100 lines of cost and 20 changes of resources are inserted:\n\n", thousands(last.Resources), runs)
	for _, m := range all {
		if m.Lines < min(last.Lines, 10_000_000) {
			continue
		}
		fmt.Fprintf(&b, "| %s lines of cost | at rest | while rows come in | rows read | bytes read |\n|---|---|---|---|---|\n", millions(m.Lines))
		for _, q := range m.Questions {
			fmt.Fprintf(&b, "| %s | %.0f, %.0f | %.0f, %.0f | %s | %s |\n", q.Title, q.Rest[0], q.Rest[1], q.Busy[0], q.Busy[1], thousands(int(q.Rows)), thousands(int(q.Bytes)))
		}
		b.WriteString("\n")
	}
	b.WriteString("As the history grows, 55,200 lines a day:\n\n| lines |")
	for _, m := range all {
		fmt.Fprintf(&b, " %s |", millions(m.Lines))
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(all)) + "\n")
	row := func(title string, value func(m measured) string) {
		fmt.Fprintf(&b, "| %s |", title)
		for _, m := range all {
			fmt.Fprintf(&b, " %s |", value(m))
		}
		b.WriteString("\n")
	}
	for i, q := range last.Questions {
		row(q.Title+", ms", func(m measured) string { return fmt.Sprintf("%.0f", m.Questions[i].Rest[0]) })
	}
	row("rolling up after an hour of new lines, s", func(m measured) string { return fmt.Sprintf("%.2f", m.Refresh) })
	row("inserting, in percent of inserting without projection and rollups (least, median, most of 7)", func(m measured) string {
		return fmt.Sprintf("%.0f, %.0f, %.0f", m.Loading[0], m.Loading[len(m.Loading)/2], m.Loading[len(m.Loading)-1])
	})
	row("bytes on disk: a line", func(m measured) string { return fmt.Sprintf("%.1f", m.LineBytes) })
	row("bytes on disk: a line's share of the rollups", func(m measured) string { return fmt.Sprintf("%.1f", m.RollupBytes) })
	row("bytes on disk: an event of a resource, in both tables", func(m measured) string { return fmt.Sprintf("%.1f", m.EventBytes) })
	b.WriteString("\nWith and without, at the most lines; milliseconds, the median:\n\n| part: question | with | without | ratio |\n|---|---|---|---|\n")
	for _, c := range last.Without {
		fmt.Fprintf(&b, "| %s | %.1f | %.1f | %.1f |\n", c.Title, c.With, c.Without, c.Without/c.With)
	}
	b.WriteString("\n![How the time of some questions grows with the lines of cost](queries.svg)\n")
	return b.String()
}

func millions(n int) string { return fmt.Sprintf("%g million", float64(n)/1e6) }

func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// The plot's size and margins, in pixels.
const (
	width, height        = 720, 400
	left, right          = 76, 220
	top, bottom          = 20, 45
	leastMS, mostMS      = 10.0, 10_000.0
	plotWidth, plotHight = width - left - right, height - top - bottom
)

var colours = []string{"#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf"}

// plot draws how the time of some questions grows with the lines; both axes are logarithmic.
func plot(all []measured) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12"><rect width="%d" height="%d" fill="white"/>`+"\n", width, height, width, height)
	first, last := float64(all[0].Lines), float64(all[len(all)-1].Lines)
	x := func(lines float64) float64 {
		return left + plotWidth*math.Log(lines/first)/math.Log(max(last/first, 2))
	}
	y := func(ms float64) float64 { return top + plotHight*(1-math.Log(ms/leastMS)/math.Log(mostMS/leastMS)) }
	for ms := leastMS; ms <= mostMS; ms *= 10 {
		fmt.Fprintf(&b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%g ms</text>`+"\n", left, width-right, y(ms), y(ms), left-6, y(ms)+4, ms)
	}
	for _, m := range all {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%g</text>`+"\n", x(float64(m.Lines)), height-bottom+18, float64(m.Lines)/1e6)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">million lines of cost</text>`+"\n", left+plotWidth/2, height-8)
	n := 0
	draw := func(title string, ms func(m measured) float64) {
		var points []string
		for _, m := range all {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x(float64(m.Lines)), y(max(ms(m), leastMS))))
		}
		colour := colours[n%len(colours)]
		fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="2" points="%s"/>`+"\n", colour, strings.Join(points, " "))
		fmt.Fprintf(&b, `<line x1="%d" x2="%d" y1="%d" y2="%d" stroke="%s" stroke-width="2"/><text x="%d" y="%d">%s</text>`+"\n", width-right+14, width-right+34, top+20*n+8, top+20*n+8, colour, width-right+40, top+20*n+12, title)
		n++
	}
	for i, q := range all[0].Questions {
		switch q.Title {
		case "cost of 6 months by service", "cost by day, 6 months", "one resource's cost", "list of resources":
			draw(q.Title, func(m measured) float64 { return m.Questions[i].Rest[0] })
		}
	}
	draw("cost by day, all lines", func(m measured) float64 { return m.Without[0].Without })
	b.WriteString("</svg>\n")
	return b.String()
}
