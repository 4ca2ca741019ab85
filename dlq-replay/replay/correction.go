package replay

import (
	"fmt"
	"regexp"
	"strings"
)

// CorrectedMark begins the error text of a letter that an edit corrected.
const CorrectedMark = "corrected: "

// Correction says which letter a corrected letter replaces.
type Correction struct {
	// Letter is the id of the replaced letter. By identifies the edit: two edits with the same
	// expression have the same.
	Letter, By string
}

var correctionText = regexp.MustCompile(`^` + CorrectedMark + `letter (\S+) by (\S+): `)

// Mark returns the error text of the corrected letter, from the old letter's.
func (c Correction) Mark(err string) string {
	return fmt.Sprintf("%sletter %s by %s: %s", CorrectedMark, c.Letter, c.By, strings.TrimPrefix(Unmarked(err), CorrectedMark))
}

// Correction returns what an edit recorded in the letter; false if none did.
func (l *Letter) Correction() (Correction, bool) {
	m := correctionText.FindStringSubmatch(l.Failure.Err)
	if m == nil {
		return Correction{}, false
	}
	return Correction{Letter: m[1], By: m[2]}, true
}

// Corrected reports whether an edit created the letter.
func (l *Letter) Corrected() bool { return strings.HasPrefix(l.Failure.Err, CorrectedMark) }

// Unmarked returns an error text without what is particular to one correction.
func Unmarked(err string) string { return correctionText.ReplaceAllString(err, CorrectedMark) }
