package main

import (
	"fmt"

	"polo/internal/cli"
)

// edited is the outcome of an edit.
type edited struct {
	outcome
	// changes are the changes to show a person, at most shown of them (0: all); empty if they were
	// shown before.
	changes []corrected
	most    int
}

// print implements result.
func (x *edited) print(s *cli.Streams) error {
	if err := x.printChanges(s); err != nil {
		return err
	}
	return x.outcome.print(s)
}

func (x *edited) printChanges(s *cli.Streams) error {
	for i, change := range x.changes {
		if x.most > 0 && i == x.most {
			_, err := fmt.Fprintf(s.Stdout, "and %d more (--show 0 shows all)\n", len(x.changes)-i)
			return err
		}
		if err := showChange(s, change); err != nil {
			return err
		}
	}
	return nil
}
