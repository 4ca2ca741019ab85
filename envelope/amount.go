package envelope

import (
	"errors"
	"strings"

	"github.com/shopspring/decimal"
)

// errAmount is deliberately without the text, which may be foreign.
var errAmount = errors.New("not a decimal number")

// maxAmountText is longer than any amount: two 38-digit halves, sign, point and
// exponent, and as much again in needless zeros.
const maxAmountText = 4 * maxDecimalDigits

// maxExponent is further than any amount's. What lies between it and 38 digits
// is read, for Validate to name.
const maxExponent = 1000

// ParseAmount reads an exact decimal: an optional sign, digits with at most one
// point among them, and an optional exponent, as bills have it ("1.2E-7").
// Space around it is allowed. Text longer than any amount and exponents beyond
// 1000 either way are refused before they cost memory.
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
		// Every zero is the same, with no exponent to trip over later.
		return decimal.Decimal{}, nil
	}
	return v, nil
}

// isAmount holds the grammar; the decimal package lets more pass, such as the
// Unicode minus.
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

// digits counts the digits that s begins with and gives what follows them.
func digits(s string) (n int, rest string) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n, s[n:]
}
