package cloudtrail

import (
	"strconv"
	"strings"
)

// accountDigits is how many digits an account's id has.
const accountDigits = 12

// account is scalar for an account's id. Exporters write it as a number, which loses the
// zeros that it begins with.
func (c *cursor) account() string {
	number := c.peek() != '"'
	s := c.scalar()
	if len(s) == accountDigits || s == "" {
		return s
	}
	if number && !isDigits(s) {
		// A float has every digit of an id.
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || f < 1 || f >= 1e12 || f != float64(int64(f)) {
			return s
		}
		s = strconv.FormatInt(int64(f), 10)
	}
	if len(s) < accountDigits && isDigits(s) {
		return strings.Repeat("0", accountDigits-len(s)) + s
	}
	return s
}
