package main

import (
	"strings"
	"testing"
)

// An account's id names its platform, or none at all; a customer's may hold any text.
func TestMetaIDs(t *testing.T) {
	t.Parallel()
	for _, good := range [][2]string{{"account", "012345678901"}, {"account", "github:acme"}, {"account", "acme"}, {"customer", "gitlab:acme"}} {
		c := metaSetCmd{Kind: good[0], ID: good[1], Fields: []string{"name=x"}, server: server{Data: t.TempDir()}}
		if err := c.Validate(); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
	for id, says := range map[string]string{"github:": "is empty", "datadog: ": "is empty", "gitlab:acme": "aws, github, cloudflare, datadog", "GitHub:acme": "no platform", "": "is empty"} {
		set := metaSetCmd{Kind: "account", ID: id, Fields: []string{"name=x"}, server: server{Data: t.TempDir()}}
		get := metaGetCmd{Kind: "account", ID: id, reader: reader{server{Data: t.TempDir()}}}
		for _, err := range []error{set.Validate(), get.Validate()} {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%q: %v, not %q", id, err, says)
			}
		}
	}
}
