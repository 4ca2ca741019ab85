package cloudtrail

import (
	"strconv"
	"strings"

	"polo/producers/cloudtrail/jsontext"
)

// accountDigits is the length of an AWS account id.
const accountDigits = 12

// accountAt returns the account id at a cursor. Some exporters write it as a number, without its
// leading zeros.
func accountAt(c *jsontext.Cursor) string {
	number := c.Peek() != '"'
	s := c.Scalar()
	if len(s) == accountDigits || s == "" {
		return s
	}
	if number && !isDigits(s) {
		// A float64 holds every digit of an id.
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

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
