package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
	"polo/internal/redact"
)

type editCmd struct {
	filters
	Expr    string `help:"A jq expression applied to every event, such as '.region = \"eu-west-1\"'; without one, $$EDITOR opens." placeholder:"JQ"`
	Show    int    `default:"3" help:"How many changes to show (${default}); 0 shows all." placeholder:"N"`
	Apply   bool   `help:"Replace the old letters with the corrected; without, only show what would change."`
	Confirm string `help:"The dead-letter queue's name; required for a queue that is not on this machine." placeholder:"QUEUE"`
}

// Help is shown by --help.
func (editCmd) Help() string {
	return `Corrects letters in place: the corrected letter goes into the dead-letter queue, and then the old one is deleted.
"replay" sends it. A jq expression (--expr) is applied to every event of every letter that matches. Without one, the letter,
which must be a single one, opens in $EDITOR; on a terminal you are asked whether to keep your changes. The result is
validated as an event, or as the collector would if the letter holds a source's own record. A corrected event counts as
observed now, so that it replaces an earlier statement of the same fact. Its event_id, ts and family (event_type before the
dot) cannot change if they are valid, or it would count twice. A corrected letter has a new id; peek --corrected shows it.

Letters that an edit corrected are skipped, unless --corrected or --id selects them. After an interrupt or a kill, the same
command continues the edit, once the letters that it held are visible again (--hold). It skips the letters that were
corrected, and deletes their old letters that are left.

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

// interrupted says how to continue.
func (c *editCmd) interrupted() string {
	if !c.Apply && c.Expr != "" {
		return "nothing was changed"
	}
	return "every letter is corrected or unchanged; the same command continues with the rest"
}

// do edits: it sends the corrected letter to the dead-letter queue, and then deletes the old one.
// replay sends the corrected letter to the main queue.
func (c *editCmd) do(ctx context.Context, e *env) (_ result, err error) {
	filter, err := c.filter(time.Now())
	if err != nil {
		return nil, err
	}
	if filter.Empty() {
		return nil, cli.Usage("which letters? give --id, --reason or another filter")
	}
	change, err := c.change(ctx, e)
	if err != nil {
		return nil, err
	}
	o, err := e.flags.open(ctx)
	if err != nil {
		return nil, err
	}
	if c.Apply {
		if err := o.guard(c.Confirm, o.dlqName); err != nil {
			return nil, err
		}
	}
	r := o.reader()
	defer func() { err = errors.Join(err, r.GiveBack(ctx)) }()
	made, err := c.find(ctx, o, r, filter, change)
	if err != nil {
		return nil, err
	}
	if err := c.warn(e, made); err != nil {
		return nil, err
	}
	out := &edited{changes: made.done, most: c.Show}
	apply, err := c.decide(e, o, out)
	if err != nil {
		return nil, err
	}
	var done replaced
	if apply && len(made.done)+len(made.leftOver) > 0 {
		if done, err = c.put(ctx, o, r, filter, made); err != nil {
			return nil, err
		}
		made.refuse(done.refused)
	}
	out.outcome = c.outcome(e, made, apply)
	if n := made.failures(); n > 0 {
		return out, cli.Incomplete("%d letters cannot be corrected this way, and are unchanged", n)
	}
	if done.undeleted > 0 {
		return out, cli.Incomplete("the old letters of %d corrected ones were not deleted, because their visibility expired: the same command deletes them", done.undeleted)
	}
	return out, nil
}

// find corrects the letters that match.
func (c *editCmd) find(ctx context.Context, o *opened, r *replay.Reader, filter replay.Filter, change changer) (*corrections, error) {
	stats, err := o.dlq.Stats(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking how many letters others hold: %w", err)
	}
	made, err := c.correct(ctx, r, filter, change, o.dlq.Limits())
	switch {
	case errors.Is(err, errNoMatch) && stats.InFlight > 0:
		return nil, cli.Incomplete("%w, but about %d were not read: someone else, or a killed edit, holds them; run it again later", err, stats.InFlight)
	case err != nil:
		return nil, err
	}
	made.heldByOthers = stats.InFlight
	return made, nil
}

// decide reports whether to apply the changes. A person who edited by hand sees them and is asked.
func (c *editCmd) decide(e *env, o *opened, out *edited) (apply bool, err error) {
	if c.Apply || len(out.changes) == 0 || c.Expr != "" || o.guard(c.Confirm, o.dlqName) != nil || !cli.IsTerminal(e.Stdin) {
		return c.Apply, nil
	}
	shown := *e.Streams
	if e.flags.JSON {
		shown.Stdout = shown.Stderr
	}
	if err := out.printChanges(&shown); err != nil {
		return false, err
	}
	out.changes = nil
	return ask(e, "Put it in place of the old letter? [y/N] ")
}

// put puts the corrected letters in place of the old ones, and publishes the act.
func (c *editCmd) put(ctx context.Context, o *opened, r *replay.Reader, filter replay.Filter, made *corrections) (done replaced, err error) {
	act := replay.Act{
		Type: replay.TypeEdited, Run: uuid.NewString(), Started: time.Now(), Actor: actor(), DLQ: o.dlqName, Letters: int64(len(made.done)), Filter: filter,
		Expr: cli.Clip(redact.Text(cmp.Or(c.Expr, "by hand")), maxExpr),
	}
	err = act.Do(ctx, o.main, func(*replay.Act) error {
		if len(made.leftOver) > 0 {
			err := r.Delete(context.WithoutCancel(ctx), made.leftOver)
			var some *replay.UndeletedError
			if errors.As(err, &some) {
				err = some.Err
			}
			if err != nil {
				return err
			}
		}
		done, err = replace(ctx, o, r, made.done)
		return err
	})
	return done, err
}

// warn prints which corrections are impossible, and what is skipped.
func (c *editCmd) warn(e *env, made *corrections) error {
	for _, why := range byLength(made.failed) {
		ids := made.failed[why]
		if err := e.note("%d cannot be corrected this way, such as %s: %s", len(ids), ids[0], why); err != nil {
			return err
		}
	}
	for _, line := range []struct {
		n    int
		text string
	}{
		{made.skipped, "were corrected before and are skipped (--corrected selects them, or --id if by the same expression)"},
		{len(made.leftOver), "were corrected by this expression before it was interrupted: only the old letters are deleted"},
		{made.heldByOthers, "or so were not read: someone else, or a killed edit, holds them"},
	} {
		if line.n > 0 {
			if err := e.note("%d %s", line.n, line.text); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *editCmd) outcome(e *env, made *corrections, applied bool) outcome {
	out := outcome{
		Action: "edit", Letters: len(made.done), Failed: made.failures(), Skipped: made.skipped, LeftOver: len(made.leftOver),
		HeldByOthers: made.heldByOthers, Applied: applied, Failures: made.failed,
	}
	for i, x := range made.done {
		if c.Show > 0 && i == c.Show {
			break
		}
		out.Changes = append(out.Changes, changeView{ID: x.letter.ID(), Before: raws(x.before), After: raws(x.lines), Redacted: x.places()})
	}
	switch {
	case !applied:
		out.says = fmt.Sprintf("%d of %d letters would be corrected, %d cannot be. Nothing was done: add --apply.", len(made.done), made.found, out.Failed)
	case len(made.done) == 0 && len(made.leftOver) == 0:
		out.says = fmt.Sprintf("0 of %d letters would be changed, %d cannot be. Nothing was done.", made.found, out.Failed)
	default:
		again := strings.TrimSpace("dlq-replay replay --corrected " + strings.TrimSpace(c.without(made.done).flags()+" "+e.flags.dataFlag()))
		out.says = fmt.Sprintf("%d of %d letters corrected. They are still in the dead-letter queue, with new ids. Send them with\n  %s --apply\n"+
			"and --max 1 to try one of them", len(made.done), made.found, again)
	}
	return out
}

// maxExpr bounds the characters of an expression in an audit event.
const maxExpr = 1000

// without returns the filter without the conditions that a correction changes.
func (c *editCmd) without(done []corrected) filters {
	f := c.filters
	text := strings.ToLower(f.Match)
	if slices.ContainsFunc(done, func(x corrected) bool { return !strings.Contains(strings.ToLower(x.letter.Failure.Err), text) }) {
		f.Match = "" // it matched what was corrected
	}
	f.Corrected, f.ID, f.ARN, f.Since, f.Until, f.Source, f.Type, f.Account = false, nil, "", "", "", nil, nil, nil
	return f
}

// ask asks a person a yes-or-no question.
func ask(e *env, question string) (bool, error) {
	if _, err := fmt.Fprint(e.Stderr, question); err != nil {
		return false, err
	}
	answer, err := bufio.NewReader(e.Stdin).ReadString('\n')
	if err != nil {
		return false, nil //nolint:nilerr // no answer is a no
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", nil
}
