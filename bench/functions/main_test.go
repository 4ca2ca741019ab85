package main

import (
	"os"
	"strings"
	"testing"

	"polo/bench/doc"
	"polo/producers/registry"
)

// The document has a row for each function.
func TestDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/COST.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _, err := doc.Cut(string(text), "functions")
	if err != nil {
		t.Fatal(err)
	}
	all, err := registry.All()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{consumer: true, webhooks: true}
	for _, s := range all {
		want[s.Function] = true
	}
	for name := range want {
		if !strings.Contains(table, "\n| "+name+" |") {
			t.Errorf("the table has no row of %s: regenerate it with make starts", name)
		}
	}
	if rows := strings.Count(table, "\n| ") - 2; rows != len(want) {
		t.Errorf("the table has %d rows, and there are %d functions", rows, len(want))
	}
}
