package lambdamain_test

import (
	"flag"
	"testing"

	"polo/internal/environment/environmenttest"
	"polo/internal/lambdamain"
)

var update = flag.Bool("update", false, "rewrite docs/CONFIG.md")

func TestEnvironmentIsDocumented(t *testing.T) {
	environmenttest.Document(t, "../../docs/CONFIG.md", "Every Lambda function", lambdamain.Environment{}, *update)
}
