package inventory

import (
	"fmt"
	"strings"

	"polo/producers/awscatalog"
)

// template makes ARNs of an item. It is written as a type of the catalogue with the field
// that holds the name or id, "ec2:subnet{SubnetId}", or as a field that holds an ARN,
// "{TopicArn}". A field that has several values makes as many ARNs. Where AWS takes an id
// or an ARN it also answers with either: a value that is an ARN stands for all of it.
type template struct {
	typ   *awscatalog.Type // nil where the field holds an ARN
	field field
}

func parseTemplate(text string) (template, error) {
	var t template
	name, rest, found := strings.Cut(text, "{")
	inside, after, closed := strings.Cut(rest, "}")
	if !found || !closed || after != "" {
		return t, fmt.Errorf("template %q: not type{field}", text)
	}
	if name != "" {
		if t.typ, found = awscatalog.Lookup(name); !found || !t.typ.HasARN() {
			return t, fmt.Errorf("template %q: no type %q with an ARN", text, name)
		}
	}
	var err error
	if t.field, err = parseField(inside); err != nil {
		return t, fmt.Errorf("template %q: %w", text, err)
	}
	return t, nil
}

// arns makes every ARN that the item has the values for. Those that need a region or an
// account that is not known are left out.
func (t template) arns(it item, p place) []string {
	at := awscatalog.Place{Partition: p.partition, Region: p.region, Account: p.account}
	var out []string
	for _, value := range t.field.texts(it) {
		if t.typ == nil {
			if _, key, ok := awscatalog.Key(value); ok { // else it was to be an ARN, and is some other name
				out = append(out, key)
			}
			continue
		}
		if arn, ok := t.typ.Build(at, value, nil); ok {
			if _, key, ok := awscatalog.Key(arn); ok {
				out = append(out, key)
			}
		}
	}
	return out
}
