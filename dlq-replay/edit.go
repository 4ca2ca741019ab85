package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/term"

	"polo/dlq-replay/replay"
	"polo/internal/queue"
	"polo/internal/redact"
)

type editCmd struct {
	filters
	Expr    string `help:"A jq expression that every event goes through, such as '.region = \"eu-west-1\"'; without one, $$EDITOR opens." placeholder:"JQ"`
	Show    int    `default:"3" help:"How many changes to show (${default}); 0 shows all." placeholder:"N"`
	Apply   bool   `help:"Put the corrected letters in place of the old; without, only show what would change."`
	Confirm string `help:"The dead-letter queue's name, for one that is not on this machine." placeholder:"QUEUE"`
}

// Help is shown by --help.
func (editCmd) Help() string {
	return `Corrects letters where they are: the corrected letter goes into the dead-letter queue, and then the old one is
deleted. "replay" sends it. A jq expression (--expr) is applied to every event of every letter that matches; without one
the letter, which must be a single one, opens in $EDITOR, and on a terminal you are asked whether to keep what you wrote. What comes out is held to the rules of an event first, and to
the collector's where the letter holds a source's own record. A corrected event counts as observed now, so that it
replaces an older word on the same fact; its event_id, its ts and its family (event_type before the dot) stay where they
are valid, or it would count twice. A corrected letter has a new id; peek --corrected shows it.

Letters that an edit corrected are skipped, unless --corrected or --id asks for them. An edit that was interrupted or
killed goes on when the same command is run again, once the letters that it held have come back (--hold): the letters it
had corrected are skipped, and those it had not yet deleted beside their correction are deleted.

The expression sees one event: .event_id, .event_type, .source, .ts, .observed_at, .arn, .account_id, .region,
.resource_type, .state, .cost_amount, .currency, .tags.KEY, .properties.KEY and the others that "show" prints.

Examples:

  dlq-replay edit --id ID                                                           in $EDITOR, then asks
  dlq-replay edit --reason invalid_event --match currency --expr '.currency = "USD"'           what it would do
  dlq-replay edit --reason invalid_event --match currency --expr '.currency = "USD"' --apply
  dlq-replay edit --reason invalid_event --expr '.account_id |= ("000000000000" + .)[-12:]'
  dlq-replay edit --reason refused_event --expr 'del(.properties.raw)' --apply
  dlq-replay replay --corrected --apply                                             send what was corrected`
}

// interrupted says how to go on.
func (c *editCmd) interrupted() string {
	if !c.Apply && c.Expr != "" {
		return "nothing was changed"
	}
	return "every letter is corrected or as it was, and the same command goes on with the rest"
}

// corrections are what an edit makes of letters.
type corrections struct {
	found int
	// letters are those to be corrected.
	letters []replay.Letter
	done    []corrected
	// skipped counts letters that were corrected before.
	skipped int
	// leftOver are letters whose correction is there already: an edit was killed before
	// it deleted them.
	leftOver []string
	// heldByOthers is about how many letters could not be read.
	heldByOthers int
	// failed are the ids of letters that cannot be corrected, by why.
	failed map[string][]string
}

func (c *corrections) failures() int { return failures(c.failed) }

var errNoMatch = errors.New("no letter matches")

// Run edits: the corrected letter goes into the dead-letter queue, and then the
// old one is deleted; replay sends it.
func (c *editCmd) Run(ctx context.Context, e *env) (err error) {
	filter, err := c.filter(time.Now())
	if err != nil {
		return err
	}
	if filter.Empty() {
		return exitError{exitUsage, errors.New("which letters? give --id, --reason or another filter")}
	}
	change, err := c.change(ctx, e)
	if err != nil {
		return err
	}
	o, err := e.cli.open(ctx)
	if err != nil {
		return err
	}
	if c.Apply {
		if err := o.guard(c.Confirm, o.dlqName); err != nil {
			return err
		}
	}
	r := o.reader()
	defer func() { err = errors.Join(err, r.GiveBack(ctx)) }()
	stats, err := o.dlq.Stats(ctx)
	if err != nil {
		return fmt.Errorf("asking how much others hold: %w", err)
	}
	made, err := c.correct(ctx, r, filter, change, o.dlq.Limits())
	switch {
	case errors.Is(err, errNoMatch) && stats.InFlight > 0:
		return exitError{exitLeft, fmt.Errorf("%w, but about %d were not read: somebody else holds them, or an edit that was killed did: run it again in a while", err, stats.InFlight)}
	case err != nil:
		return err
	}
	made.heldByOthers = stats.InFlight
	if err := c.show(e, made); err != nil {
		return err
	}
	apply := c.Apply
	if !apply && len(made.done) > 0 && c.Expr == "" && o.guard(c.Confirm, o.dlqName) == nil {
		if apply, err = ask(e, "Put it in place of the old letter? [y/N] "); err != nil {
			return err
		}
	}
	var done replaced
	if apply && len(made.done)+len(made.leftOver) > 0 {
		act := replay.Act{
			Type: replay.TypeEdited, Run: uuid.NewString(), Started: time.Now(), Actor: actor(), DLQ: o.dlqName, Letters: int64(len(made.done)), Filter: filter,
			Expr: clip(redact.Text(cmp.Or(c.Expr, "by hand")), maxExpr),
		}
		err := act.Do(ctx, o.main, func(*replay.Act) (err error) {
			if len(made.leftOver) > 0 {
				err = r.Delete(context.WithoutCancel(ctx), made.leftOver)
				var some *replay.UndeletedError
				if errors.As(err, &some) {
					err = some.Err
				}
			}
			if err == nil {
				done, err = replace(ctx, o, r, made.done)
			}
			return err
		})
		if err != nil {
			return err
		}
		made.refuse(done.refused)
	}
	if err := c.say(e, made, apply); err != nil {
		return err
	}
	if n := made.failures(); n > 0 {
		return exitError{exitLeft, fmt.Errorf("%d letters cannot be corrected so, and are as they were", n)}
	}
	if done.undeleted > 0 {
		return exitError{exitLeft, fmt.Errorf("%d corrected letters stand beside their old ones, which could not be held: run the same command again, which deletes those", done.undeleted)}
	}
	return nil
}

// refuse moves letters that the queue did not take to those that failed.
func (c *corrections) refuse(refused map[string][]string) {
	for why, ids := range refused {
		c.failed[why] = append(c.failed[why], ids...)
		c.done = slices.DeleteFunc(c.done, func(x corrected) bool { return slices.Contains(ids, x.letter.ID()) })
	}
}

// correct reads the letters that match and corrects each.
func (c *editCmd) correct(ctx context.Context, r *replay.Reader, filter replay.Filter, change func(*replay.Letter, []byte) ([]byte, error), limits queue.Limits) (*corrections, error) {
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
		return nil, exitError{exitUsage, fmt.Errorf("%d letters match: an editor takes one (--id), an expression many (--expr)", len(found))}
	}
	slices.SortFunc(found, replay.ByTime)
	for i := range found {
		x := correct(found[i], change)
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

// byEditor stands for a correction that no expression made.
const byEditor = "editor"

// by stands for what this edit does, in the letters that it makes.
func (c *editCmd) by() string {
	if c.Expr == "" {
		return byEditor
	}
	sum := sha256.Sum256([]byte(c.Expr))
	return hex.EncodeToString(sum[:6])
}

// sort tells letters that are to be corrected from those that were.
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
			const why = "another edit, which was interrupted, put its correction beside it: run that again, or purge one of the two"
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

// show prints changes, and why others are impossible.
func (c *editCmd) show(e *env, made *corrections) error {
	if !e.cli.JSON {
		for i, x := range made.done {
			if c.Show > 0 && i == c.Show {
				if _, err := fmt.Fprintf(e.stdout, "and %d more (--show 0 shows all)\n", len(made.done)-i); err != nil {
					return err
				}
				break
			}
			if err := showChange(e, x); err != nil {
				return err
			}
		}
	}
	for _, why := range byLength(made.failed) {
		ids := made.failed[why]
		if _, err := fmt.Fprintf(e.stderr, "%d cannot be corrected so, such as %s: %s\n", len(ids), ids[0], why); err != nil {
			return err
		}
	}
	for _, line := range []struct {
		n    int
		text string
	}{
		{made.skipped, "were corrected before and are skipped (--corrected asks for them, after the same expression --id)"},
		{len(made.leftOver), "were corrected by this expression before it was interrupted: only the old letters are deleted"},
		{made.heldByOthers, "or so were not read: somebody else holds them, or an edit that was killed did"},
	} {
		if line.n > 0 {
			if _, err := fmt.Fprintf(e.stderr, "%d %s\n", line.n, line.text); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *editCmd) say(e *env, made *corrections, applied bool) error {
	out := outcome{
		Action: "edit", Letters: len(made.done), Failed: made.failures(), Skipped: made.skipped, LeftOver: len(made.leftOver),
		PassedOver: made.heldByOthers, Applied: applied, Failures: made.failed,
	}
	for i, x := range made.done {
		if c.Show > 0 && i == c.Show || !e.cli.JSON {
			break
		}
		out.Changes = append(out.Changes, changeView{ID: x.letter.ID(), Before: raws(x.before), After: raws(x.lines), Redacted: x.places()})
	}
	switch {
	case !applied:
		return e.say(out, "%d of %d letters would be corrected, %d cannot be. Nothing was done: add --apply.\n", len(made.done), made.found, out.Failed)
	case len(made.done) == 0 && len(made.leftOver) == 0:
		return e.say(out, "0 of %d letters are to be changed, %d cannot be. Nothing was done.\n", made.found, out.Failed)
	}
	again := "dlq-replay replay --corrected " + strings.TrimSpace(c.without(made.done).flags()+" "+e.cli.dataFlag())
	return e.say(out, "%d of %d letters corrected. They are in the dead-letter queue still, under new ids, and sent by\n  %s --apply\n"+
		"with --max 1 for one of them, to try\n", len(made.done), made.found, strings.TrimSpace(again))
}

// maxExpr is what an audit event tells of an expression, in characters.
const maxExpr = 1000

// without is the filter save what a correction changes.
func (c *editCmd) without(done []corrected) filters {
	f := c.filters
	text := strings.ToLower(f.Match)
	if slices.ContainsFunc(done, func(x corrected) bool { return !strings.Contains(strings.ToLower(x.letter.Failure.Err), text) }) {
		f.Match = "" // it was about what is corrected
	}
	f.Corrected, f.ID, f.ARN, f.Since, f.Until, f.Source, f.Type, f.Account = false, nil, "", "", "", nil, nil, nil
	return f
}

// held reads letters that match and holds them, and tells what the corrected letters of
// the whole queue were made of.
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

// ask puts a question to a person; without one the answer is no.
func ask(e *env, question string) (bool, error) {
	f, ok := e.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return false, nil
	}
	if _, err := fmt.Fprint(e.stderr, question); err != nil {
		return false, err
	}
	answer, err := bufio.NewReader(f).ReadString('\n')
	if err != nil {
		return false, nil //nolint:nilerr // no answer is a no
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", nil
}
