package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"sync"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
	"polo/internal/queue"
	"polo/producers"
)

// corrections are what an edit would do to letters.
type corrections struct {
	found int
	// letters are the letters to correct.
	letters []replay.Letter
	done    []corrected
	// skipped counts letters that were corrected before.
	skipped int
	// leftOver are old letters that already have a correction, because an edit was killed before it
	// deleted them.
	leftOver []string
	// heldByOthers is roughly how many letters could not be read.
	heldByOthers int
	// failed are the ids of letters that cannot be corrected, by reason.
	failed map[string][]string
}

func (c *corrections) failures() int { return failures(c.failed) }

var errNoMatch = errors.New("no letter matches")

// refuse moves letters from done to failed, because the queue refused them.
func (c *corrections) refuse(refused map[string][]string) {
	for why, ids := range refused {
		c.failed[why] = append(c.failed[why], ids...)
		c.done = slices.DeleteFunc(c.done, func(x corrected) bool { return slices.Contains(ids, x.letter.ID()) })
	}
}

// correct reads the matching letters and corrects each.
func (c *editCmd) correct(ctx context.Context, r *replay.Reader, filter replay.Filter, change changer, limits queue.Limits) (*corrections, error) {
	records, err := recordsOf(producers.Identity{})
	if err != nil {
		return nil, err
	}
	matched, corrections, err := held(ctx, r, filter)
	if err != nil {
		return nil, err
	}
	made := c.sort(matched, corrections)
	found := made.letters
	switch {
	case len(matched) == 0:
		return nil, errNoMatch
	case c.Expr == "" && len(found) > 1:
		return nil, cli.Usage("%d letters match: an editor takes one (--id), an expression many (--expr)", len(found))
	}
	slices.SortFunc(found, replay.ByTime)
	for i := range found {
		x := correct(found[i], change, records)
		if x.err == nil && x.changed() {
			x.err = x.pack(c.by(), limits)
		}
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case x.err != nil:
			why := cleanCause(x.err.Error(), x.letter.Reason(), x.letter.Failure.Origin)
			made.failed[why] = append(made.failed[why], found[i].ID())
		case x.changed():
			made.done = append(made.done, x)
		}
	}
	return made, nil
}

// byEditor identifies a correction made in an editor, without an expression.
const byEditor = "editor"

// by identifies this edit in the letters that it creates.
func (c *editCmd) by() string {
	if c.Expr == "" {
		return byEditor
	}
	sum := sha256.Sum256([]byte(c.Expr))
	return hex.EncodeToString(sum[:6])
}

// sort separates letters to correct from those already corrected.
func (c *editCmd) sort(matched []replay.Letter, done []replay.Correction) *corrections {
	replacedBy := map[string]string{}
	for _, d := range done {
		replacedBy[d.Letter] = d.By
	}
	made := &corrections{found: len(matched), failed: map[string][]string{}}
	for _, l := range matched {
		of, corrected := l.Correction()
		by, replaced := replacedBy[l.ID()]
		switch {
		case replaced && by == c.by() && by != byEditor:
			made.leftOver = append(made.leftOver, l.ID())
		case replaced:
			const why = "an interrupted edit has already added its correction: run that edit again, or purge one of the two letters"
			made.failed[why] = append(made.failed[why], l.ID())
		case slices.Contains(c.ID, l.ID()):
			made.letters = append(made.letters, l)
		case l.Corrected() && !c.Corrected, corrected && of.By == c.by() && c.Expr != "":
			made.skipped++
		default:
			made.letters = append(made.letters, l)
		}
	}
	return made
}

// held reads the matching letters and holds them. It also returns which letters the corrected
// letters of the whole queue replace.
func held(ctx context.Context, r *replay.Reader, f replay.Filter) ([]replay.Letter, []replay.Correction, error) {
	match := f.Matcher()
	var mu sync.Mutex
	var found []replay.Letter
	var done []replay.Correction
	err := r.Read(ctx, func(l replay.Letter) error {
		of, corrected := l.Correction()
		matches := match(&l)
		mu.Lock()
		defer mu.Unlock()
		if corrected {
			done = append(done, of)
		}
		if matches {
			found = append(found, l)
		}
		return nil
	})
	return found, done, err
}
