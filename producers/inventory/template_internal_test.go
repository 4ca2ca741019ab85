package inventory

import "testing"

// An entry that builds ARNs builds those of its own type.
func TestEntriesBuildTheirOwnType(t *testing.T) {
	t.Parallel()
	all, _, err := compileAll()
	if err != nil {
		t.Fatal(err)
	}
	built := 0
	for _, s := range all {
		for _, e := range s.entries {
			for _, tpl := range e.arn {
				if tpl.typ == nil {
					continue
				}
				built++
				of := tpl.typ.ResourceType()
				if alias := e.Type == "kms:alias" && of == "kms:key"; of != e.Type && !alias { // a key's name may be its alias
					t.Errorf("%s builds ARNs of %s", e.Type, tpl.typ.Name)
				}
			}
		}
	}
	if built < 30 {
		t.Errorf("%d entries build ARNs", built)
	}
}

func TestInvalidTemplates(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "ec2:subnet", "ec2:subnet{SubnetId", "ec2:subnet{SubnetId}/x", "ec2:nothing{Id}", "ec2:rtbassoc{Id}", "{}", "{A..B}", "{A:shout}"} {
		if got, err := parseTemplate(text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}
