package replay

import (
	"fmt"
	"regexp"
	"strings"
)

// CorrectedMark begins the error text of a letter that an edit corrected.
const CorrectedMark = "corrected: "

// Correction says of a corrected letter what it was made of.
type Correction struct {
	// Letter is the id of the letter that it replaces, By stands for what was done to
	// that one: two edits by the same expression say the same.
	Letter, By string
}

var correctionText = regexp.MustCompile(`^` + CorrectedMark + `letter (\S+) by (\S+): `)

// Mark makes the error text of the corrected letter from that of the old.
func (c Correction) Mark(err string) string {
	return fmt.Sprintf("%sletter %s by %s: %s", CorrectedMark, c.Letter, c.By, strings.TrimPrefix(Unmarked(err), CorrectedMark))
}

// Correction is what an edit noted in the letter; false where none did.
func (l *Letter) Correction() (Correction, bool) {
	m := correctionText.FindStringSubmatch(l.Failure.Err)
	if m == nil {
		return Correction{}, false
	}
	return Correction{Letter: m[1], By: m[2]}, true
}

// Corrected tells whether an edit put it in the place of another.
func (l *Letter) Corrected() bool { return strings.HasPrefix(l.Failure.Err, CorrectedMark) }

// Unmarked is an error text without what is of one correction alone.
func Unmarked(err string) string { return correctionText.ReplaceAllString(err, CorrectedMark) }
