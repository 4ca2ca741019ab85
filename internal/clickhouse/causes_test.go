package clickhouse_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	sink "polo/internal/clickhouse"
)

// TestCausesAreDocumented checks that docs/RELIABILITY.md has the code's table.
func TestCausesAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/RELIABILITY.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, c := range sink.Causes() {
		if seen[int(c.Code)] {
			t.Errorf("code %d is there twice", int(c.Code))
		}
		seen[int(c.Code)] = true
		row := fmt.Sprintf("| %d | %s | %s | %s |", int(c.Code), strings.TrimSuffix(fmt.Sprintf("%v", c.Code), fmt.Sprintf(" (%d)", int(c.Code))), c.Class, c.Remedy)
		if !strings.Contains(string(text), row) {
			t.Errorf("docs/RELIABILITY.md lacks: %s", row)
		}
	}
}
