package main

import (
	"flag"
	"testing"

	"polo/internal/environment/environmenttest"
)

var update = flag.Bool("update", false, "rewrite docs/CONFIG.md")

func TestEnvironmentIsDocumented(t *testing.T) {
	environmenttest.Document(t, "../../../../docs/CONFIG.md", "The function of GitHub's webhooks", environ{}, *update)
}
