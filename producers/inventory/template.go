package inventory

import (
	"fmt"
	"strings"

	"polo/envelope"
)

// template makes ARNs of an item. It is written without "arn:<partition>:", with {r} for
// the region, {a} for the account and one or more fields in braces:
// "ec2:{r}:{a}:subnet/{SubnetId}". A field that has several values makes as many ARNs,
// and a value that is an ARN already stands for all of it: what AWS takes an id or an
// ARN for, it also tells as either.
type template struct {
	// literals are around the fields: one more than those.
	literals []string
	fields   []field
}

func parseTemplate(text string) (template, error) {
	var t template
	literal := ""
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		literal += before
		if !found {
			break
		}
		name, after, found := strings.Cut(rest, "}")
		if !found {
			return t, fmt.Errorf("no } in template %q", text)
		}
		text = after
		if name == "r" || name == "a" {
			literal += "{" + name + "}"
			continue
		}
		f, err := parseField(name)
		if err != nil {
			return t, fmt.Errorf("parsing template: %w", err)
		}
		t.literals, t.fields, literal = append(t.literals, literal), append(t.fields, f), ""
	}
	t.literals = append(t.literals, literal)
	return t, nil
}

// arns makes every ARN that the item has the values for. Those that need a region or an
// account that is not known are left out.
func (t template) arns(it item, p place) []string {
	texts := []string{t.fill(t.literals[0], p)}
	for i, f := range t.fields {
		values := f.texts(it)
		if len(values) == 0 {
			return nil
		}
		next := make([]string, 0, len(texts)*len(values))
		for _, text := range texts {
			for _, v := range values {
				if _, ok := isARN(v); ok {
					next = append(next, v)
					continue
				}
				if _, ok := isARN(text); ok && i > 0 { // an ARN stands for all of it
					next = append(next, text)
					continue
				}
				next = append(next, text+v+t.fill(t.literals[i+1], p))
			}
		}
		texts = next
	}
	out := texts[:0]
	for _, text := range texts {
		if !strings.HasPrefix(text, "arn:") {
			if t.literals[0] == "" {
				continue // it was to be an ARN, and is some other name
			}
			text = "arn:" + p.partition + ":" + text
		}
		if !strings.Contains(text, unknown) && valid(text) {
			out = append(out, text)
		}
	}
	return out
}

// unknown stands in an ARN for what is not known, and makes it none.
const unknown = "\x00"

func (t template) fill(literal string, p place) string {
	if !strings.Contains(literal, "{") {
		return literal
	}
	region, account := p.region, p.account
	if region == "" {
		region = unknown
	}
	if account == "" {
		account = unknown
	}
	return strings.NewReplacer("{r}", region, "{a}", account).Replace(literal)
}

func valid(arn string) bool {
	_, err := envelope.ParseARN(arn)
	return err == nil
}
