package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/term"

	"polo/dlq-replay/replay"
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
replaces an older word on the same fact. A corrected letter has a new id; peek --corrected shows it.

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

// corrections are what an edit makes of letters.
type corrections struct {
	found int
	done  []corrected
	// failed are the ids of letters that cannot be corrected, by why.
	failed map[string][]string
}

func (c *corrections) failures() int {
	n := 0
	for _, ids := range c.failed {
		n += len(ids)
	}
	return n
}

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
	made, err := c.correct(ctx, r, filter, change)
	if err != nil {
		return err
	}
	if err := c.show(e, made); err != nil {
		return err
	}
	apply := c.Apply
	if !apply && len(made.done) > 0 && c.Expr == "" && o.guard(c.Confirm, o.dlqName) == nil {
		if apply, err = ask(e, "Put it in place of the old letter? [y/N] "); err != nil {
			return err
		}
	}
	if apply && len(made.done) > 0 {
		act := replay.Act{
			Type: replay.TypeEdited, Run: uuid.NewString(), Started: time.Now(), Actor: actor(), DLQ: o.dlqName, Letters: int64(len(made.done)), Filter: filter,
		}
		if err := act.Do(ctx, o.main, func(*replay.Act) error { return replace(ctx, o, r, made.done) }); err != nil {
			return err
		}
	}
	if err := c.say(e, made, apply); err != nil {
		return err
	}
	if n := made.failures(); n > 0 {
		return exitError{exitLeft, fmt.Errorf("%d letters cannot be corrected so, and are as they were", n)}
	}
	return nil
}

// correct reads the letters that match and corrects each.
func (c *editCmd) correct(ctx context.Context, r *replay.Reader, filter replay.Filter, change func(*replay.Letter, []byte) ([]byte, error)) (*corrections, error) {
	found, err := held(ctx, r, filter)
	if err != nil {
		return nil, err
	}
	switch {
	case len(found) == 0:
		return nil, errors.New("no letter matches")
	case c.Expr == "" && len(found) > 1:
		return nil, exitError{exitUsage, fmt.Errorf("%d letters match: an editor takes one (--id), an expression many (--expr)", len(found))}
	}
	slices.SortFunc(found, replay.ByTime)
	made := &corrections{found: len(found), failed: map[string][]string{}}
	for i := range found {
		x := correct(found[i], change)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case x.err != nil:
			why := cleanCause(x.err.Error())
			made.failed[why] = append(made.failed[why], found[i].ID())
		case !same(x.before, x.lines):
			made.done = append(made.done, x)
		}
	}
	return made, nil
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
	for _, why := range slices.SortedFunc(maps.Keys(made.failed), func(a, b string) int {
		return cmp.Or(len(made.failed[b])-len(made.failed[a]), cmp.Compare(a, b))
	}) {
		ids := made.failed[why]
		if _, err := fmt.Fprintf(e.stderr, "%d cannot be corrected so, such as %s: %s\n", len(ids), ids[0], why); err != nil {
			return err
		}
	}
	return nil
}

func (c *editCmd) say(e *env, made *corrections, applied bool) error {
	out := outcome{Action: "edit", Letters: len(made.done), Failed: made.failures(), Applied: applied, Failures: made.failed}
	for i, x := range made.done {
		if c.Show > 0 && i == c.Show || !e.cli.JSON {
			break
		}
		out.Changes = append(out.Changes, changeView{ID: x.letter.ID(), Before: raws(x.before), After: raws(x.lines)})
	}
	switch {
	case !applied:
		return e.say(out, "%d of %d letters would be corrected, %d cannot be. Nothing was done: add --apply.\n", len(made.done), made.found, out.Failed)
	case len(made.done) == 0:
		return e.say(out, "0 of %d letters are to be changed, %d cannot be. Nothing was done.\n", made.found, out.Failed)
	}
	again := "dlq-replay replay --corrected " + strings.TrimSpace(c.without().flags()+" "+e.cli.dataFlag())
	return e.say(out, "%d of %d letters corrected. They are in the dead-letter queue still, under new ids, and sent by\n  %s --apply\n", len(made.done), made.found, strings.TrimSpace(again))
}

// without is the filter save what a correction changes.
func (c *editCmd) without() filters {
	f := c.filters
	f.ID, f.ARN, f.Match, f.Since, f.Until, f.Source, f.Type, f.Account = nil, "", "", "", "", nil, nil, nil
	return f
}

// held reads letters that match and holds them.
func held(ctx context.Context, r *replay.Reader, f replay.Filter) ([]replay.Letter, error) {
	match := f.Matcher()
	var mu sync.Mutex
	var found []replay.Letter
	err := r.Read(ctx, func(l replay.Letter) error {
		if match(&l) {
			mu.Lock()
			defer mu.Unlock()
			found = append(found, l)
		}
		return nil
	})
	return found, err
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
