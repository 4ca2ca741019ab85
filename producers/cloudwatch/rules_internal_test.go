package cloudwatch

import (
	"strings"
	"testing"

	"polo/producers/awscatalog"
)

// Every rule names a type of the catalogue and a parameter of that type.
func TestRulesFitTheCatalogue(t *testing.T) {
	t.Parallel()
	for _, r := range rules() {
		typ, ok := awscatalog.Lookup(r.typ)
		if r.typ != "" && (!ok || !typ.HasARN()) {
			t.Errorf("%s: no type %q", r.namespaces, r.typ)
			continue
		}
		if parameter, _, given := strings.Cut(r.other, "="); given && !typ.HasParameter(parameter) {
			t.Errorf("%s: %s has no parameter %q", r.namespaces, r.typ, parameter)
		}
		for namespace := range strings.FieldsSeq(r.namespaces) {
			if strings.HasPrefix(namespace, "AWS/") && ok && awscatalog.ServiceOfNamespace(namespace) != typ.Service {
				t.Errorf("%s is %s, but its series are of %s", namespace, awscatalog.ServiceOfNamespace(namespace), r.typ)
			}
		}
	}
}
