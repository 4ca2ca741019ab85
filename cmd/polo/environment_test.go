package main

import (
	"testing"

	"polo/internal/environment/environmenttest"
)

func TestEnvironmentIsDocumented(t *testing.T) {
	environmenttest.Document(t, "../../docs/CONFIG.md", "polo", grammar{}, *update)
}
