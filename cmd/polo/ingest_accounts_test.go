package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAccountsOfRecordings(t *testing.T) {
	t.Parallel()
	c := ingestCmd{Account: []string{"123456789012", "datadog:abc123"}}
	got, err := c.accounts()
	if diff := cmp.Diff(map[string]string{"aws": "123456789012", "datadog": "abc123"}, got); diff != "" || err != nil {
		t.Errorf("%v, (-want +got):\n%s", err, diff)
	}
	for says, given := range map[string][]string{"12 digits": {"acme"}, "two accounts of datadog": {"datadog:a", "datadog:b"}, "public id of an": {"datadog:"}, "answers of github": {"github:acme"}, "public id": {"datadog:Acme Inc"}} {
		c := ingestCmd{Account: given}
		if _, err := c.accounts(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v, not %q", given, err, says)
		}
	}
}
