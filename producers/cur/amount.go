package cur

import (
	"slices"

	"github.com/shopspring/decimal"

	"polo/envelope"
)

// amounts reads the amounts of a row, each exactly as it is stated.
type amounts struct {
	layout *layout
	row    *row
	// unread are the fields that hold no number.
	unread []field
}

// of is a field's amount; it is not valid where the field is empty or cannot be read.
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

// text is a field's amount as plain digits, "" where there is none.
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

// isPlain tells of digits that are written as properties have them.
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

// minus is a - b, of two amounts that are there.
func minus(a, b decimal.NullDecimal) decimal.NullDecimal {
	if !a.Valid || !b.Valid {
		return decimal.NullDecimal{}
	}
	return decimal.NullDecimal{Decimal: a.Decimal.Sub(b.Decimal), Valid: true}
}

// plus is a + b, of which one that is missing adds nothing.
func plus(a, b decimal.NullDecimal) decimal.NullDecimal {
	switch {
	case !a.Valid:
		return b
	case !b.Valid:
		return a
	}
	return decimal.NullDecimal{Decimal: a.Decimal.Add(b.Decimal), Valid: true}
}
