package collect_test

import (
	"flag"
	"testing"

	"polo/internal/environment/environmenttest"
	"polo/producers/collect"
)

var update = flag.Bool("update", false, "rewrite docs/CONFIG.md")

func TestEnvironmentIsDocumented(t *testing.T) {
	environmenttest.Document(t, "../../docs/CONFIG.md", "The collectors' functions, and polo collect", collect.Settings{}, *update)
}
