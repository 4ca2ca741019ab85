package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"polo/internal/cli"
	"polo/internal/queue"
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

// unreadable returns the error for an input with something that could not be read, or not to its
// end: how much is in it is unknown, and no letter has to hold all of it.
func (s *ingestSummary) unreadable() error {
	damaged := s.Reasons[string(queue.ReasonUnreadableFile)]
	names := slices.Concat(s.unread, s.damaged)
	n := len(s.unread) + damaged
	if n == 0 {
		return nil
	}
	shown := strings.Join(names[:min(len(names), maxExamples)], ", ")
	return cli.Incomplete("%d files or folders of the input could not be read, or not to their end, such as %s; make them readable, or remove them, and ingest again", n, shown)
}

// remedy says what to do about answers and items that became no event.
func remedy(why string) string {
	switch inventory.Reason(why) {
	case inventory.ReasonNoPlace:
		return "its ARN needs an account and a region, which the answer does not name: give --account and --region"
	case inventory.ReasonNotCovered:
		return "Polo does not read this call"
	case inventory.ReasonDetail:
		return "it is read together with the answer that lists the resource"
	case inventory.ReasonErrorAnswer:
		return "the service refused: record it again with the permission"
	case inventory.ReasonNoList:
		return "the answer has no list of what this call lists: is the file named after its call?"
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
			_, err := fmt.Fprintf(e.Stdout, "skipped: %d more files; --json names them all\n", len(s.SkippedFiles)-i)
			return err
		}
		if _, err := fmt.Fprintln(e.Stdout, "skipped: "+f); err != nil {
			return err
		}
	}
	return nil
}
