package cur

import (
	"errors"
	"strings"
)

// accountDigits is how many digits an account id of AWS has.
const accountDigits = 12

// errAccount tells of an account id that a spreadsheet rounded.
var errAccount = errors.New("an account id that lost digits")

// accountID is the account id of AWS that text stands for. Spreadsheets take an id for a
// number and write that without its zeros, with a point or with an exponent: the id is
// padded where every digit of it is there, and otherwise refused. What is no number stays
// as it is, and so does a number that is too long.
func accountID(text string) (string, error) {
	mantissa, exponent, scientific := strings.Cut(strings.ToUpper(text), "E")
	whole, fraction, pointed := strings.Cut(mantissa, ".")
	shift := 0
	if scientific {
		exponent = strings.TrimPrefix(exponent, "+")
		if !allDigits(exponent) || len(exponent) > 2 {
			return text, nil
		}
		for _, c := range exponent {
			shift = 10*shift + int(c-'0')
		}
	}
	if !allDigits(whole) || pointed && !allDigits(fraction) {
		return text, nil
	}
	if shift > len(fraction) || strings.Trim(fraction[shift:], "0") != "" {
		return "", errAccount
	}
	id := whole + fraction[:shift]
	if scientific || pointed {
		if id = strings.TrimLeft(id, "0"); len(id) > accountDigits {
			return "", errAccount
		}
	}
	if n := accountDigits - len(id); n > 0 {
		id = strings.Repeat("0", n) + id
	}
	return id, nil
}

// allDigits reports whether s is digits, one at least.
func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// account is the account that a row names in a field, as its source has it. The error
// names the column.
func (n *normaliser) account(r *row, f field, source string, bad *rowError) string {
	text := n.layout.value(r, f)
	if text == "" || source != Source {
		return text
	}
	id, err := accountID(text)
	if err != nil {
		bad.faults = append(bad.faults, n.layout.name(f)+": "+err.Error())
	}
	return id
}
