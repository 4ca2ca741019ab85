package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"polo/internal/cli"
)

// outcome is what a command that changes the queue comes to.
type outcome struct {
	Action  string `json:"action"`
	Letters int    `json:"letters"`
	// Failed counts letters that could not be corrected, or put back.
	Failed int `json:"failed,omitempty"`
	// Skipped counts letters that were corrected before, LeftOver those whose correction
	// was there, PassedOver about those that others hold.
	Skipped    int `json:"skipped,omitempty"`
	LeftOver   int `json:"left_over,omitempty"`
	PassedOver int `json:"passed_over,omitempty"`
	// Before counts letters that an interrupted import had put back.
	Before  int    `json:"before,omitempty"`
	Applied bool   `json:"applied"`
	Backup  string `json:"backup,omitempty"`
	// Changes are the first of an edit; Failures the ids that it cannot correct, by why.
	Changes  []changeView        `json:"changes,omitempty"`
	Failures map[string][]string `json:"failures,omitempty"`

	// says is the outcome for a person, before what it is about.
	says string
}

// print implements result.
func (o outcome) print(s *cli.Streams) error {
	_, err := fmt.Fprintln(s.Stdout, o.says)
	return err
}

// changeView is a letter before and after an edit.
type changeView struct {
	ID     string            `json:"id"`
	Before []json.RawMessage `json:"before"`
	After  []json.RawMessage `json:"after"`
	// Redacted are the places where secrets are taken out.
	Redacted []string `json:"redacted,omitempty"`
}

// failures counts ids that are sorted by why they failed.
func failures(failed map[string][]string) int {
	n := 0
	for _, ids := range failed {
		n += len(ids)
	}
	return n
}

// byLength are the whys, those of the most ids first.
func byLength(failed map[string][]string) []string {
	return slices.SortedFunc(maps.Keys(failed), func(a, b string) int {
		return cmp.Or(len(failed[b])-len(failed[a]), cmp.Compare(a, b))
	})
}

// byCount are a count's names, the greatest first.
func byCount(m map[string]int) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Or(m[b]-m[a], cmp.Compare(a, b)) })
}
