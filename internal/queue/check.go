package queue

import (
	"fmt"
	"strings"
)

// MaxAttributes is the most attributes that a message may have.
const MaxAttributes = 10

const (
	// attributeType is the type of every attribute; it counts towards a message's size.
	attributeType = "String"
	// maxAttributeName is the longest name of an attribute, in bytes.
	maxAttributeName = 256
)

// Size returns o's size as Limits counts it, in bytes: its body and each attribute's
// name, type and value.
func (o Outgoing) Size() int {
	n := len(o.Body)
	for name, value := range o.Attributes {
		n += len(name) + len(attributeType) + len(value)
	}
	return n
}

// Check returns an error unless a queue whose messages hold at most maxMessage bytes
// would accept o. The error matches ErrTooLarge, ErrNotText or ErrRefused, and does not
// quote o.
func (o Outgoing) Check(maxMessage int) error {
	if o.Body == "" {
		return fmt.Errorf("%w: empty body", ErrRefused)
	}
	if n := o.Size(); n > maxMessage {
		return fmt.Errorf("%w: %d bytes, the queue takes %d", ErrTooLarge, n, maxMessage)
	}
	if !ValidText(o.Body) {
		return fmt.Errorf("%w: in its body", ErrNotText)
	}
	if len(o.Attributes) > MaxAttributes {
		return fmt.Errorf("%w: %d attributes, a message has at most %d", ErrRefused, len(o.Attributes), MaxAttributes)
	}
	for name, value := range o.Attributes {
		switch {
		case !validName(name):
			return fmt.Errorf("%w: attribute name %q", ErrRefused, name)
		case value == "":
			return fmt.Errorf("%w: attribute %s is empty", ErrRefused, name)
		case !ValidText(value):
			return fmt.Errorf("%w: in attribute %s", ErrNotText, name)
		}
	}
	return nil
}

// validName reports whether SQS accepts s as an attribute's name.
func validName(s string) bool {
	if s == "" || len(s) > maxAttributeName || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-', c == '.':
		default:
			return false
		}
	}
	lower := strings.ToLower(s)
	return !strings.HasPrefix(lower, "aws.") && !strings.HasPrefix(lower, "amazon.")
}
