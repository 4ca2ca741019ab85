package queries

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// value is the valid value of a parameter, in ClickHouse's form.
type value struct {
	text string
	// items are an array's; nil for another type.
	items []string
}

// bounds are those of a parameter, parsed.
type bounds struct {
	pattern *regexp.Regexp
	// least and most bound numbers and the length of strings.
	least, most decimal.Decimal
	// digits and scale are a decimal's: digits before and after the point.
	digits, scale int32
}

// maxString is the greatest length of a string that declares no other, in characters.
const maxString = 1000

// Types of parameters.
const (
	typeString   = "String"
	typeBool     = "Bool"
	typeDate     = "Date32"
	typeDateTime = "DateTime64(3, 'UTC')"
)

var (
	integerType = regexp.MustCompile(`^(U?)Int(8|16|32|64)$`)
	decimalType = regexp.MustCompile(`^Decimal\((\d+), (\d+)\)$`)
	number      = regexp.MustCompile(`^-?[0-9]{1,80}(\.[0-9]{1,80})?$`)
)

func isDate(typ string) bool { return typ == typeDate || typ == typeDateTime }

// parseBounds parses what the header says of a parameter's values.
func (p *Param) parseBounds(now time.Time) (err error) {
	if p.Pattern != "" {
		if p.bounds.pattern, err = fullMatch(p.Pattern); err != nil {
			return err
		}
	}
	typ := p.scalar()
	if (p.Items > 0) != (typ != p.Type) {
		return errors.New("items are for arrays, and each array has them")
	}
	low, high := "", ""
	switch m := integerType.FindStringSubmatch(typ); {
	case m != nil:
		bits, _ := strconv.Atoi(m[2])
		low, high = "0", strconv.FormatUint(math.MaxUint64>>(64-bits), 10)
		if m[1] == "" {
			low, high = strconv.FormatInt(math.MinInt64>>(64-bits), 10), strconv.FormatInt(math.MaxInt64>>(64-bits), 10)
		}
	case typ == typeString:
		low, high = "0", strconv.Itoa(maxString)
	case decimalType.MatchString(typ):
		m := decimalType.FindStringSubmatch(typ)
		precision, _ := strconv.Atoi(m[1])
		scale, _ := strconv.Atoi(m[2])
		p.bounds.digits, p.bounds.scale = int32(precision-scale), int32(scale)
		high = strings.Repeat("9", precision-scale)
		low = "-" + high
	case typ == typeBool:
		return nil
	case isDate(typ):
		if p.Min == "" || p.Max == "" {
			return errors.New("a date has a min and a max")
		}
		for _, bound := range []string{p.Min, p.Max} {
			if _, err := moment(typ, bound, now); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("unknown type %s", p.Type)
	}
	for _, b := range []struct {
		to          *decimal.Decimal
		text, limit string
	}{{&p.bounds.least, p.Min, low}, {&p.bounds.most, p.Max, high}} {
		if b.text == "" {
			b.text = b.limit
		}
		if *b.to, err = decimal.NewFromString(b.text); err != nil {
			return err
		}
		if b.to.LessThan(decimal.RequireFromString(low)) || typ != typeString && b.to.GreaterThan(decimal.RequireFromString(high)) {
			return fmt.Errorf("%s does not fit %s", b.text, typ)
		}
	}
	return nil
}

// scalar is the type of the values, or of an array's items.
func (p Param) scalar() string {
	if item := itemType(p.Type); item != "" {
		return item
	}
	return p.Type
}

// value validates a text as a value of p.
func (p Param) value(text string, now time.Time) (value, error) {
	if itemType(p.Type) == "" {
		canonical, err := p.one(text, now)
		return value{text: canonical}, err
	}
	items, err := list(text)
	if err != nil {
		return value{}, err
	}
	if len(items) > p.Items {
		return value{}, fmt.Errorf("it has %d values, and the most is %d", len(items), p.Items)
	}
	for i := range items {
		if items[i], err = p.one(items[i], now); err != nil {
			return value{}, err
		}
	}
	return value{items: items}, nil
}

// list splits the text of a list: a JSON array of strings, or values between commas.
func list(text string) ([]string, error) {
	items := []string{}
	switch {
	case text == "":
	case strings.HasPrefix(text, "["):
		var found []*string // a null is no string
		if err := json.Unmarshal([]byte(text), &found); err != nil {
			return nil, fmt.Errorf("%s is no JSON array of strings: %w", shown(text), err)
		}
		for _, item := range found {
			if item == nil {
				return nil, fmt.Errorf("%s is no JSON array of strings: it has a null", shown(text))
			}
			items = append(items, *item)
		}
	default:
		items = strings.Split(text, ",")
	}
	return items, nil
}

// one validates a single value, and returns it in ClickHouse's form.
func (p Param) one(text string, now time.Time) (string, error) {
	typ := p.scalar()
	canonical, err := text, error(nil)
	switch {
	case typ == typeString:
		err = p.text(text)
	case typ == typeBool:
		if text != "true" && text != "false" {
			err = fmt.Errorf("%s is neither true nor false", shown(text))
		}
	case isDate(typ):
		canonical, err = p.time(typ, text, now)
	default:
		canonical, err = p.number(typ, text)
	}
	if err != nil {
		return "", err
	}
	if p.In != nil && !slices.Contains(p.In, canonical) {
		return "", fmt.Errorf("%s is none of %s", shown(text), strings.Join(p.In, ", "))
	}
	return canonical, nil
}

func (p Param) text(text string) error {
	n := decimal.NewFromInt(int64(utf8.RuneCountInString(text)))
	switch {
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return errors.New("it is not valid UTF-8, or holds a NUL")
	case n.LessThan(p.bounds.least):
		return fmt.Errorf("%s is shorter than %s characters", shown(text), p.bounds.least)
	case n.GreaterThan(p.bounds.most):
		return fmt.Errorf("%s is longer than %s characters", shown(text), p.bounds.most)
	case p.bounds.pattern != nil && !p.bounds.pattern.MatchString(text):
		return fmt.Errorf("%s does not match %s", shown(text), p.Pattern)
	}
	return nil
}

func (p Param) number(typ, text string) (string, error) {
	if !number.MatchString(text) || integerType.MatchString(typ) && strings.Contains(text, ".") {
		return "", fmt.Errorf("%s is no %s", shown(text), map[bool]string{true: "whole number", false: "plain decimal number"}[integerType.MatchString(typ)])
	}
	d, err := decimal.NewFromString(text)
	switch {
	case err != nil:
		return "", err
	case d.LessThan(p.bounds.least) || d.GreaterThan(p.bounds.most): //mutant:bounds-are-advice
		return "", fmt.Errorf("%s is not from %s to %s", shown(text), p.bounds.least, p.bounds.most)
	case -d.Exponent() > p.bounds.scale && !d.Equal(d.Truncate(p.bounds.scale)):
		return "", fmt.Errorf("%s has more than %d digits after the point", shown(text), p.bounds.scale)
	}
	return d.String(), nil
}

func (p Param) time(typ, text string, now time.Time) (string, error) {
	at, err := moment(typ, text, now)
	if err != nil {
		return "", err
	}
	for _, bound := range []struct {
		text string
		sign int
		says string
	}{{p.Min, -1, "before"}, {p.Max, 1, "after"}} {
		limit, err := moment(typ, bound.text, now)
		if err != nil {
			return "", err
		}
		if at.Compare(limit) == bound.sign {
			return "", fmt.Errorf("%s is %s %s", shown(text), bound.says, format(typ, limit))
		}
	}
	return format(typ, at), nil
}

// shown quotes a value for a message, cut if it is long.
func shown(text string) string { return fmt.Sprintf("%.80q", text) }
