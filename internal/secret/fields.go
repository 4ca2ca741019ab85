package secret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Fields is a secret of several texts that belong together, such as a key and its id: a
// JSON object. Safe for concurrent use.
type Fields struct {
	// read returns the object's text.
	read func(context.Context) (string, error)
}

// NewFields returns the fields of a secret's ARN, as New takes it, or of the object itself
// where text begins with a brace.
func NewFields(cfg aws.Config, text string) (Fields, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		_, err := object(text)
		return Fields{func(context.Context) (string, error) { return text, nil }}, err
	}
	s, err := New(cfg, text)
	if err != nil {
		return Fields{}, err
	}
	s.check = object
	return Fields{s.Value}, nil
}

// Get returns the fields of these names, in their order. An error names what is missing,
// and never quotes what is there.
func (f Fields) Get(ctx context.Context, names ...string) ([]string, error) {
	text, err := f.read(ctx)
	if err != nil {
		return nil, err
	}
	var all map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, errNoObject
	}
	values := make([]string, len(names))
	var missing []string
	for i, name := range names {
		if values[i], _ = all[name].(string); values[i] == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("the secret has no text called %s", strings.Join(missing, ", "))
	}
	return values, nil
}

// Object returns the whole object's text.
func (f Fields) Object(ctx context.Context) (string, error) { return f.read(ctx) }

var errNoObject = errors.New("the secret is not a JSON object")

// object checks that text is a JSON object. The error never quotes it.
func object(text string) (string, error) {
	var all map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &all) != nil || all == nil {
		return "", errNoObject
	}
	return text, nil
}
