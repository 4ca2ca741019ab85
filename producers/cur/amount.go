package cur

import (
	"slices"

	"github.com/shopspring/decimal"

	"polo/envelope"
)

// amounts reads the amounts of a row exactly as stated.
type amounts struct {
	layout *layout
	row    *row
	// unread lists the fields that hold no number.
	unread []field
}

// of returns a field's amount; it is not valid if the field is empty or cannot be read.
func (a *amounts) of(f field) decimal.NullDecimal {
	text := a.layout.value(a.row, f)
	if text == "" {
		return decimal.NullDecimal{}
	}
	d, err := envelope.ParseAmount(text)
	if err != nil {
		if !slices.Contains(a.unread, f) {
			a.unread = append(a.unread, f)
		}
		return decimal.NullDecimal{}
	}
	return decimal.NullDecimal{Decimal: d, Valid: true}
}

// text returns a field's amount as plain digits, "" if there is none.
func (a *amounts) text(f field) string {
	s := a.layout.value(a.row, f)
	if isPlain(s) {
		return s
	}
	if d := a.of(f); d.Valid {
		return d.Decimal.String()
	}
	return ""
}

// isPlain reports whether s has the form of an amount in a property.
func isPlain(s string) bool {
	if len(s) > 0 && s[0] == '-' {
		s = s[1:]
	}
	if len(s) == 0 || len(s) > 60 || s[0] < '0' || s[0] > '9' {
		return false
	}
	points := 0
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '.' && i+1 < len(s):
			points++
		case s[i] < '0' || s[i] > '9':
			return false
		}
	}
	return points <= 1
}

// minus returns a - b; it is not valid unless both are.
func minus(a, b decimal.NullDecimal) decimal.NullDecimal {
	if !a.Valid || !b.Valid {
		return decimal.NullDecimal{}
	}
	return decimal.NullDecimal{Decimal: a.Decimal.Sub(b.Decimal), Valid: true}
}

// plus returns a + b; a missing one counts as zero.
func plus(a, b decimal.NullDecimal) decimal.NullDecimal {
	switch {
	case !a.Valid:
		return b
	case !b.Valid:
		return a
	}
	return decimal.NullDecimal{Decimal: a.Decimal.Add(b.Decimal), Valid: true}
}
