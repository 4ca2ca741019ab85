package main

import (
	"testing"

	"polo/internal/environment/environmenttest"
)

func TestEnvironmentIsDocumented(t *testing.T) {
	environmenttest.Document(t, "../docs/CONFIG.md", "dlq-replay", grammar{}, *update)
}
