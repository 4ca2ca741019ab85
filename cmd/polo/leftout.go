package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"polo/internal/cli"
	"polo/producers/inventory"
	"polo/producers/recorded"
)

// leftOut is one kind of input that became no event and is no failure.
type leftOut struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"`
	// Example is one of them: a file, or a place in it.
	Example string `json:"example,omitempty"`
	// Do is how to include them, or why that is impossible.
	Do string `json:"do,omitempty"`
}

// leaveOut counts n of a kind. The first in order is the example, whoever comes first.
func (s *ingestSummary) leaveOut(n int, what leftOut) {
	for i := range s.LeftOut {
		if l := &s.LeftOut[i]; l.Kind == what.Kind {
			l.Count += n
			l.Example = min(l.Example, what.Example)
			return
		}
	}
	what.Count = n
	s.LeftOut = append(s.LeftOut, what)
}

// order sorts kinds by count, the greatest first, and files by name.
func (s *ingestSummary) order() {
	slices.SortFunc(s.LeftOut, func(a, b leftOut) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind)) })
	slices.Sort(s.SkippedFiles)
}

// skip records a skipped file.
func (s *ingestSummary) skip(name, why, do string) {
	s.Skipped++
	s.SkippedFiles = append(s.SkippedFiles, name+" ("+why+")")
	s.leaveOut(1, leftOut{Kind: "file: " + why, Example: name, Do: do})
}

// unreadable returns the error for an input with something that could not be read at all: that is
// neither inserted nor in the dead-letter queue.
func (s *ingestSummary) unreadable() error {
	if len(s.unread) == 0 {
		return nil
	}
	shown := strings.Join(s.unread[:min(len(s.unread), maxExamples)], ", ")
	return cli.Incomplete("%d files or folders of the input could not be read, such as %s; make them readable, or remove them, and ingest again", len(s.unread), shown)
}

// remedy says what to do about answers and items that became no event.
func remedy(why string) string {
	switch inventory.Reason(why) {
	case inventory.ReasonNoPlace:
		return "its ARN needs an account and a region, which the answer does not tell: give --account and --region"
	case inventory.ReasonNotCovered:
		return "Polo does not read this call"
	case inventory.ReasonDetail:
		return "it is read together with the answer that lists the resource"
	case inventory.ReasonErrorAnswer:
		return "the service refused: record it again with the permission"
	case inventory.ReasonNoList:
		return "the answer has no list of what this call lists: does the file's name tell its call?"
	case inventory.ReasonEmpty, recorded.WhyNoValues:
		return "nothing: the answer says that there is none"
	case inventory.ReasonNoARN:
		return "the item does not have what its ARN is made of"
	case inventory.ReasonOtherType:
		return "the item is of another type than its list"
	case inventory.ReasonForeign:
		return "it belongs to another account: record it there"
	case inventory.ReasonCovered:
		return "the service's own call has more of it"
	case inventory.ReasonInvalid:
		return "it is no valid event"
	case recorded.WhyNoCall:
		return "name the file after its call, as in ec2.DescribeInstances_1.json"
	}
	return ""
}

// How many files and kinds a person is shown.
const (
	maxSkippedShown = 10
	maxLeftShown    = 20
)

// printLeftOut prints what became no event.
func (s ingestSummary) printLeftOut(e *env) error {
	for i, l := range s.LeftOut {
		if i == maxLeftShown {
			if _, err := fmt.Fprintf(e.Stdout, "no event: %d more kinds; --json names them all\n", len(s.LeftOut)-i); err != nil {
				return err
			}
			break
		}
		text := fmt.Sprintf("no event: %s: %d", l.Kind, l.Count)
		if l.Example != "" {
			text += " (such as " + l.Example + ")"
		}
		if l.Do != "" {
			text += ": " + l.Do
		}
		if _, err := fmt.Fprintln(e.Stdout, text); err != nil {
			return err
		}
	}
	if s.Undated > 0 {
		if _, err := fmt.Fprintf(e.Stdout, "undated: %d recorded answers have no time; --at sets it\n", s.Undated); err != nil {
			return err
		}
	}
	for i, f := range s.SkippedFiles {
		if i == maxSkippedShown {
			_, err := fmt.Fprintf(e.Stdout, "passed over: %d more files; --json names them all\n", len(s.SkippedFiles)-i)
			return err
		}
		if _, err := fmt.Fprintln(e.Stdout, "passed over: "+f); err != nil {
			return err
		}
	}
	return nil
}
