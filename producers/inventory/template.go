package inventory

import (
	"fmt"
	"strings"

	"polo/producers/awscatalog"
)

// template makes ARNs from an item. It is a type of the catalogue with the field that holds the
// name or id, "ec2:subnet{SubnetId}", or a field that holds an ARN, "{TopicArn}". A field with
// several values makes several ARNs. AWS answers with an ARN in place of an id at times, so a
// value that is an ARN is used as it is.
type template struct {
	typ   *awscatalog.Type // nil if the field holds an ARN
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

// arns returns an ARN for each value of the item. Those that need an unknown region or account
// are left out.
func (t template) arns(it item, p place) []string {
	at := awscatalog.Place{Partition: p.partition, Region: p.region, Account: p.account}
	var out []string
	for _, value := range t.field.texts(it) {
		if t.typ == nil {
			if k, ok := awscatalog.KeyOf(value); ok { // otherwise it is another name, not an ARN
				out = append(out, k.ARN)
			}
			continue
		}
		if arn, ok := t.typ.Build(at, value, nil); ok {
			if k, ok := awscatalog.KeyOf(arn); ok {
				out = append(out, k.ARN)
			}
		}
	}
	return out
}
