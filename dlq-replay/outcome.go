package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"polo/internal/cli"
)

// outcome is the result of a command that changes the queue.
type outcome struct {
	Action  string `json:"action"`
	Letters int    `json:"letters"`
	// Failed counts letters that could not be corrected, or put back.
	Failed int `json:"failed,omitempty"`
	// Skipped counts letters that were corrected before, LeftOver those that already had a
	// correction, HeldByOthers roughly those that others hold.
	Skipped      int `json:"skipped,omitempty"`
	LeftOver     int `json:"left_over,omitempty"`
	HeldByOthers int `json:"held_by_others,omitempty"`
	// Before counts letters that an interrupted import had put back.
	Before  int    `json:"before,omitempty"`
	Applied bool   `json:"applied"`
	Backup  string `json:"backup,omitempty"`
	// Changes are the first changes of an edit; Failures are the ids that it cannot correct, by
	// reason.
	Changes  []changeView        `json:"changes,omitempty"`
	Failures map[string][]string `json:"failures,omitempty"`

	// says is the outcome for a person, without the letters.
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
	// Redacted are the places where secrets are removed.
	Redacted []string `json:"redacted,omitempty"`
}

// failures counts ids by the reason that they failed.
func failures(failed map[string][]string) int {
	n := 0
	for _, ids := range failed {
		n += len(ids)
	}
	return n
}

// byLength returns the reasons, the most frequent first.
func byLength(failed map[string][]string) []string {
	return slices.SortedFunc(maps.Keys(failed), func(a, b string) int {
		return cmp.Or(len(failed[b])-len(failed[a]), cmp.Compare(a, b))
	})
}

// byCount returns the names of a count, the greatest first.
func byCount(m map[string]int) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Or(m[b]-m[a], cmp.Compare(a, b)) })
}
