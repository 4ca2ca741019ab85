package envelope

import (
	"errors"
	"strings"

	"github.com/shopspring/decimal"
)

// errAmount does not quote the text, which is untrusted.
var errAmount = errors.New("not a decimal number")

// maxAmountText is longer than any valid amount: two halves of 38 digits, sign, point
// and exponent, and as much again in leading and trailing zeros.
const maxAmountText = 4 * maxDecimalDigits

// maxExponent is far beyond any valid amount. ParseAmount accepts what lies between it
// and 38 digits, so that Validate can name the fault.
const maxExponent = 1000

// ParseAmount parses an exact decimal: an optional sign, digits with at most one point
// among them, and an optional exponent, as in bills ("1.2E-7"). Surrounding space is
// allowed. Text longer than any amount and exponents beyond 1000 either way are refused
// before they cost memory.
func ParseAmount(text string) (decimal.Decimal, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxAmountText || !isAmount(text) {
		return decimal.Decimal{}, errAmount
	}
	v, err := decimal.NewFromString(text)
	if err != nil || v.Exponent() > maxExponent || v.Exponent() < -maxExponent {
		return decimal.Decimal{}, errAmount
	}
	if v.IsZero() {
		// Every zero has the same value and exponent.
		return decimal.Decimal{}, nil
	}
	return v, nil
}

// isAmount checks the grammar. The decimal package is laxer: it accepts the Unicode
// minus, for one.
func isAmount(s string) bool {
	whole, s := digits(unsigned(s))
	fraction := 0
	if strings.HasPrefix(s, ".") {
		fraction, s = digits(s[1:])
	}
	if whole+fraction == 0 {
		return false
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	exponent, s := digits(unsigned(s[1:]))
	return exponent > 0 && s == ""
}

func unsigned(s string) string {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:]
	}
	return s
}

// digits counts the leading digits of s and returns the rest.
func digits(s string) (n int, rest string) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n, s[n:]
}
