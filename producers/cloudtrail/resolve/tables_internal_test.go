package resolve

import (
	"slices"
	"strings"
	"testing"

	"polo/producers/awscatalog"
)

func TestMemberRulesAreValid(t *testing.T) {
	t.Parallel()
	rules, err := parseMemberRules(keysText)
	if err != nil {
		t.Error(err)
	}
	n := 0
	for service, members := range rules {
		for member, of := range members {
			n += len(of)
			if member != strings.ToLower(member) || awscatalog.ServiceOfEventSource(service) != service {
				t.Errorf("%s %s: a member is in lower case, a service as ARNs have it", service, member)
			}
		}
	}
	if n < 200 {
		t.Errorf("%d rules", n)
	}
	for text, want := range map[string]string{
		"s3 bucket":                             "keys.txt:1: no type",
		"s3 bucket s3:nothing":                  `no type "s3:nothing"`,
		"s3 key s3:object bucketname":           `"bucketname" is no parameter=member`,
		"# x\ns3 key s3:object pail=bucketname": `keys.txt:2: s3:object has no parameter "pail"`,
	} {
		if _, err := parseMemberRules(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// Every line of the tables is parsed.
func TestTablesAreRead(t *testing.T) {
	t.Parallel()
	lines := 0
	for line := range strings.Lines(relationKinds) {
		if f := strings.Fields(line); len(f) > 0 {
			lines++
			if len(f) > 3 && !slices.Contains([]string{"created", "source"}, f[3]) || len(f) > 4 {
				t.Errorf("relation kind %q", line)
			}
		}
	}
	if got := len(relationTable()); got != lines {
		t.Errorf("%d relation kinds of %d lines", got, lines)
	}
	words := operationWords()
	changes := []string{"none", "created", "updated", "deleted"}
	for line := range strings.Lines(verbs) {
		if f := strings.Fields(line); len(f) > 0 && !slices.Contains(changes, f[0]) {
			t.Errorf("verbs %q", line)
		}
	}
	for line := range strings.Lines(exceptions) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if strings.HasPrefix(f[len(f)-1], "on=") {
			f = f[:len(f)-1]
		}
		if !slices.Contains(changes, f[len(f)-1]) || len(words.exceptions[f[0]]) == 0 {
			t.Errorf("exceptions %q", line)
		}
	}
	if x, ok := words.exception("ecr", "UploadLayerPart"); !ok || x.change != None {
		t.Errorf("ecr UploadLayerPart: %+v", x)
	}
	if x, ok := words.exception("rds", "StartExportTask"); !ok || x.change != Updated || x.actsOn != "sourcearn" {
		t.Errorf("rds StartExportTask: %+v", x)
	}
}
