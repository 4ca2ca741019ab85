package awscatalog

// Types returns all types, in the order of the table.
func Types() []*Type { return table().types }

// IDPrefixes returns the prefixes of the type's ids, before the last "-": "i" of i-0abc.
func (t *Type) IDPrefixes() []string { return t.prefixes }

// Templates returns the forms of the ARN after "arn:PARTITION:", with each parameter in braces.
func (t *Type) Templates() []string {
	braced := func(name string) string {
		if name == "" {
			return ""
		}
		return "{" + name + "}"
	}
	var out []string
	for _, v := range t.template.variants {
		text := t.template.service + ":" + braced(t.template.region) + ":" + braced(t.template.account) + ":"
		for _, p := range v.parts {
			if !p.path {
				text += p.literal + braced(p.name)
			}
		}
		out = append(out, text)
	}
	return out
}
