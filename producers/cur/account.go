package cur

import (
	"errors"
	"strings"
)

// accountDigits is the length of an AWS account id.
const accountDigits = 12

// errAccount means that a spreadsheet rounded an account id.
var errAccount = errors.New("the account id has lost digits")

// accountID returns the AWS account id in text. Spreadsheets treat an id as a number: they drop
// leading zeros and add a decimal point or an exponent. If all digits are there, the id is
// padded; if not, it is an error. Other text, and a number that is too long, is returned
// unchanged.
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
	if shift > len(fraction) || strings.Trim(fraction[shift:], "0") != "" { //mutant:lost-digits-padded
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

// allDigits reports whether s consists of digits and is not empty.
func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// account returns the account id in a row's field, in the form of its source. A fault names the
// column.
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
