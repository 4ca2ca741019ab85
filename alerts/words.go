package alerts

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode/utf8"

	"polo/schema/queries"
)

// mostLabel and mostValue are the most bytes of a label and a value that are kept and told.
const (
	mostLabel = 512
	mostValue = 2000
)

// clip cuts a text to at most so many bytes of whole characters.
func clip(text string, most int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= most {
		return text
	}
	const mark = "…"
	end := most - len(mark)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}

// clipLabel is clip for a text that must stay different from others: a checksum stands for what is cut off.
func clipLabel(text string) string {
	if len(text) <= mostLabel {
		return clip(text, mostLabel)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:16]
	return clip(text, mostLabel-len(sum)-1) + " " + sum
}

// words writes a cell of an answer for people: lists with commas, the rest as queries.Text.
func words(cell any) string {
	list, ok := cell.([]any)
	if !ok {
		return queries.Text(cell)
	}
	all := make([]string, len(list))
	for i, item := range list {
		all[i] = words(item)
	}
	return strings.Join(all, ", ")
}
