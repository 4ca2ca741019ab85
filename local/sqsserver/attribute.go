package sqsserver

import (
	"math/big"
	"slices"
	"strings"

	"github.com/go-faster/jx"
)

// attribute is a message attribute, or a message system attribute of a send.
type attribute struct {
	name     string
	dataType string // String, Number or Binary, perhaps with a custom suffix after a period
	binary   bool   // value came as BinaryValue
	value    []byte
	list     bool // the reserved list values were used
	set      bool
}

func (a attribute) size() int { return len(a.name) + len(a.dataType) + len(a.value) }

// decodeAttributes decodes an attribute map, sorted by name.
func decodeAttributes(d *jx.Decoder) ([]attribute, error) {
	var list []attribute
	err := d.Obj(func(d *jx.Decoder, name string) error {
		a := attribute{name: name}
		err := d.ObjBytes(func(d *jx.Decoder, key []byte) (err error) {
			if d.Next() == jx.Null {
				return d.Skip()
			}
			switch string(key) {
			case "DataType":
				a.dataType, err = d.Str()
			case "StringValue":
				var s string
				s, err = d.Str()
				a.value, a.set = []byte(s), true
			case "BinaryValue":
				a.value, err = d.Base64()
				a.binary, a.set = true, true
			case "StringListValues", "BinaryListValues":
				err = d.Arr(func(d *jx.Decoder) error {
					a.list = true
					return d.Skip()
				})
			default:
				err = d.Skip()
			}
			return err
		})
		list = append(list, a)
		return err
	})
	slices.SortFunc(list, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	return list, err
}

// checkAttributes applies the rules for message attributes.
func checkAttributes(list []attribute) *apiError {
	if len(list) > maxAttributes {
		return errParameter("Number of message attributes [%d] exceeds the allowed maximum [%d].", len(list), maxAttributes)
	}
	for i, a := range list {
		if i > 0 && a.name == list[i-1].name {
			return errParameter("Message (user) attribute name '%s' must be unique.", shorten(a.name))
		}
		if reason := attributeNameFault(a.name); reason != "" {
			return errParameter("The message attribute name '%s' is invalid. Reason: %s", shorten(a.name), reason)
		}
		if err := a.checkValue("message attribute"); err != nil {
			return err
		}
	}
	return nil
}

func attributeNameFault(name string) string {
	lower := strings.ToLower(name)
	switch {
	case name == "" || len(name) > maxAttributeName:
		return "The name must be 1 to 256 characters long."
	case strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon."):
		return "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use."
	case strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, ".."):
		return "The name can't start or end with a period, nor have periods in succession."
	case strings.ContainsFunc(name, func(r rune) bool { return !nameRune(r) && r != '.' }):
		return "Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters."
	}
	return ""
}

// nameRune reports whether r may be in a queue name or a batch entry id.
func nameRune(r rune) bool {
	return r == '_' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

func (a attribute) checkValue(what string) *apiError {
	kind, _, _ := strings.Cut(a.dataType, ".")
	switch {
	case a.list:
		return errUnsupported("Message attribute list values in SendMessage operation are not supported.")
	case a.dataType == "":
		return errParameter("The %s '%s' must contain a non-empty message attribute type.", what, a.name)
	case len(a.dataType) > maxAttributeName:
		return errParameter("The type of %s '%s' must be at most %d characters long.", what, a.name, maxAttributeName)
	case kind != "String" && kind != "Number" && kind != "Binary" || !validText([]byte(a.dataType)):
		return errParameter("The type of %s '%s' is invalid. You must use only the following supported type prefixes: Binary, Number, String.", what, a.name)
	case !a.set || len(a.value) == 0:
		return errParameter("The %s '%s' must contain a non-empty value of type '%s'.", what, a.name, kind)
	case a.binary != (kind == "Binary"):
		return errParameter("The %s '%s' with type '%s' must use field '%s'.", what, a.name, kind, valueField(kind == "Binary"))
	case !a.binary && !validText(a.value):
		return errContents()
	case kind == "Number" && !validNumber(string(a.value)):
		return errParameter("Can't cast the value of %s '%s' to a number.", what, a.name)
	}
	return nil
}

func valueField(binary bool) string {
	if binary {
		return "BinaryValue"
	}
	return "StringValue"
}

// validNumber accepts up to 38 digits of precision between 10^-128 and 10^126, as the service documents.
func validNumber(s string) bool {
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	digits := strings.TrimLeft(strings.ReplaceAll(strings.TrimLeft(mantissa, "+-"), ".", ""), "0")
	if len(strings.TrimRight(digits, "0")) > 38 || len(s) > 300 || strings.ContainsAny(s, "_xXpPiInN") {
		return false
	}
	f, _, err := big.ParseFloat(s, 10, 200, big.ToNearestEven)
	if err != nil {
		return false
	}
	if f.Sign() == 0 {
		return true
	}
	abs := new(big.Float).Abs(f)
	exponent := abs.MantExp(nil) // a power of two: 10^-128 is about 2^-425, 10^126 about 2^419
	return exponent >= -426 && exponent <= 420
}
