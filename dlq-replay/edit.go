package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/itchyny/gojq"

	"polo/dlq-replay/replay"
	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cloudtrail"
)

type editCmd struct {
	filters
	Expr    string `help:"A jq expression that every event goes through, such as '.region = \"eu-west-1\"'; without one, $$EDITOR opens." placeholder:"JQ"`
	Apply   bool   `help:"Put the corrected letters in place of the old; without, only show what would change."`
	Confirm string `help:"The dead-letter queue's name, for one that is not on this machine." placeholder:"QUEUE"`
}

// held reads letters that match and keeps them.
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

// corrected is a letter before and after.
type corrected struct {
	letter        replay.Letter
	before, lines [][]byte
	err           error
}

// Help is shown by --help.
func (editCmd) Help() string {
	return `Corrects letters where they are: the corrected letter goes into the dead-letter queue, and then the old one is
deleted. "replay" sends it. A jq expression (--expr) is applied to every event of every letter that matches; without one
the letter, which must be a single one, opens in $EDITOR. What comes out is held to the rules of an event first, and to
the collector's where the letter holds a source's own record. A corrected event counts as observed now, so that it
replaces an older word on the same fact.

The expression sees one event: .event_id, .event_type, .source, .ts, .observed_at, .arn, .account_id, .region,
.resource_type, .state, .cost_amount, .currency, .tags.KEY, .properties.KEY and the others that "show" prints.

Examples:

  dlq-replay edit --id ID --apply                                                   in $EDITOR
  dlq-replay edit --reason invalid_event --match currency --expr '.currency = "USD"'           what it would do
  dlq-replay edit --reason invalid_event --match currency --expr '.currency = "USD"' --apply
  dlq-replay edit --reason invalid_event --expr '.account_id |= ("000000000000" + .)[-12:]'
  dlq-replay edit --reason refused_event --expr 'del(.properties.raw)' --apply
  dlq-replay replay --match corrected: --apply                                      send what was corrected`
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
	found, err := held(ctx, r, filter)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return errors.New("no letter matches")
	}
	if c.Expr == "" && len(found) > 1 {
		return exitError{exitUsage, fmt.Errorf("%d letters match: an editor takes one (--id), an expression many (--expr)", len(found))}
	}
	var done []corrected
	changed, failed := 0, 0
	for _, l := range found {
		x := correct(l, change)
		switch {
		case x.err != nil:
			failed++
			if _, err := fmt.Fprintf(e.stderr, "%s: %v\n", l.ID(), x.err); err != nil {
				return err
			}
		case !same(x.before, x.lines):
			changed++
			done = append(done, x)
			if changed <= 3 && !e.cli.JSON {
				if err := showChange(e, x); err != nil {
					return err
				}
			}
		}
	}
	if !c.Apply {
		return e.say(outcome{Action: "edit", Letters: changed, Failed: failed},
			"%d of %d letters would be corrected, %d cannot be. Nothing was done: add --apply.\n", changed, len(found), failed)
	}
	if len(done) > 0 {
		act := replay.Act{
			Type: replay.TypeEdited, Run: uuid.NewString(), Started: time.Now(), Actor: actor(), DLQ: o.dlqName, Letters: int64(len(done)), Filter: filter,
		}
		if err := act.Do(ctx, o.main, func(*replay.Act) error { return replace(ctx, o, r, done) }); err != nil {
			return err
		}
	}
	if err := e.say(outcome{Action: "edit", Letters: changed, Failed: failed, Applied: true},
		"%d of %d letters corrected, in the dead-letter queue still: dlq-replay replay --match %q --apply sends them\n", changed, len(found), mark); err != nil {
		return err
	}
	if failed > 0 {
		return exitError{exitLeft, fmt.Errorf("%d letters could not be corrected and are as they were", failed)}
	}
	return nil
}

// mark begins the error text of a letter that was corrected.
const mark = "corrected: "

// replace puts corrected letters into the queue, a batch at a time, and deletes
// each batch's old ones once that is acknowledged.
func replace(ctx context.Context, o *opened, r *replay.Reader, letters []corrected) error {
	for len(letters) > 0 {
		n := min(10, len(letters))
		var out []queue.Outgoing
		var ids []string
		for _, x := range letters[:n] {
			f := x.letter.Failure
			f.Err = mark + strings.TrimPrefix(f.Err, mark)
			f.Body = bytes.Join(x.lines, []byte{'\n'})
			switch {
			case f.Unit == queue.UnitRecord:
			case len(x.lines) == 1:
				f.Unit = queue.UnitEvent
			default:
				packs, tooLarge, err := envelope.EncodePacks(x.letter.Sources()[0], x.lines, o.main.Limits().MaxMessage)
				if err != nil || len(packs) != 1 || len(tooLarge) > 0 {
					return fmt.Errorf("letter %s: its events fit no message: %w", x.letter.ID(), err)
				}
				f.Body, f.Unit = []byte(packs[0].Body), queue.UnitPack
			}
			m, err := f.Message(o.dlq.Limits().MaxMessage)
			if err != nil {
				return fmt.Errorf("letter %s: %w", x.letter.ID(), err)
			}
			out, ids = append(out, m), append(ids, x.letter.ID())
		}
		if err := queue.SendAll(context.WithoutCancel(ctx), o.dlq, out, queue.Retry{}); err != nil {
			return fmt.Errorf("putting corrected letters into the dead-letter queue: %w", err)
		}
		if err := r.Delete(context.WithoutCancel(ctx), ids); err != nil {
			return err
		}
		letters = letters[n:]
	}
	return nil
}

// correct applies change to every event of a letter, or to its record, and holds
// the result to the rules. What is corrected is a later statement of the fact.
func correct(l replay.Letter, change func([]byte) ([]byte, error)) corrected {
	x := corrected{letter: l, before: l.Lines}
	check := restate
	switch {
	case l.Err != nil:
		x.err = fmt.Errorf("it is no failure's record: %w", l.Err)
		return x
	case l.Failure.CutFrom > 0:
		x.err = replay.ErrCut
		return x
	case l.Failure.Unit == queue.UnitRecord:
		x.before, check = [][]byte{l.Failure.Body}, rerecord
	case len(l.Lines) == 0:
		x.err = fmt.Errorf("it holds no event to correct, but a %s that cannot be read", l.Failure.Unit)
		return x
	}
	for i, line := range x.before {
		out, err := change(line)
		if err == nil {
			out, err = check(line, out)
		}
		if err != nil {
			x.err = fmt.Errorf("event %d of %d: %w", i+1, len(x.before), err)
			return x
		}
		x.lines = append(x.lines, out)
	}
	return x
}

// restate writes an event anew and validates it. One that changed is observed now,
// unless the change says when.
func restate(before, after []byte) ([]byte, error) {
	if same([][]byte{before}, [][]byte{after}) {
		return before, nil
	}
	e, err := envelope.DecodeEvent(after)
	if err != nil {
		return nil, err
	}
	if old, err := envelope.DecodeEvent(before); err == nil && old.ObservedAt.Equal(e.ObservedAt) {
		e.ObservedAt = time.Now().UTC().Truncate(time.Millisecond)
	}
	if err := e.Validate(); err != nil {
		return nil, err
	}
	return e.AppendJSON(nil), nil
}

// rerecord validates a source's own record, as the collector would.
func rerecord(before, after []byte) ([]byte, error) {
	if same([][]byte{before}, [][]byte{after}) {
		return before, nil
	}
	out, err := cloudtrail.NewNormaliser(cloudtrail.Config{}).Normalise(after, time.Now())
	if err != nil {
		return nil, err
	}
	for i := range out.Events {
		if err := out.Events[i].Validate(); err != nil {
			return nil, err
		}
	}
	return after, nil
}

// same compares JSON by what it says.
func same(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, errX := canonical(a[i])
		y, errY := canonical(b[i])
		if errX != nil || errY != nil || !bytes.Equal(x, y) {
			return false
		}
	}
	return true
}

func canonical(line []byte) ([]byte, error) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return json.MarshalIndent(v, "", "  ")
}

// showChange prints the lines of an event's JSON that differ.
func showChange(e *env, x corrected) error {
	if _, err := fmt.Fprintln(e.stdout, x.letter.ID()); err != nil {
		return err
	}
	for i := range x.lines {
		before, errBefore := canonical(x.before[i])
		after, errAfter := canonical(x.lines[i])
		if errBefore != nil {
			before = x.before[i]
		}
		if errAfter != nil {
			return errAfter
		}
		if _, err := fmt.Fprint(e.stdout, difference(string(before), string(after))); err != nil {
			return err
		}
	}
	return nil
}

// difference lists lines that are in one text only.
func difference(before, after string) string {
	var b strings.Builder
	in := func(text string) map[string]int {
		n := map[string]int{}
		for line := range strings.Lines(text) {
			n[strings.Trim(line, ", \n")]++
		}
		return n
	}
	list := func(sign, text string, other map[string]int) {
		for line := range strings.Lines(text) {
			key := strings.Trim(line, ", \n")
			if other[key] > 0 {
				other[key]--
				continue
			}
			fmt.Fprintf(&b, "  %s %s\n", sign, key)
		}
	}
	list("-", before, in(after))
	list("+", after, in(before))
	return b.String()
}

// change is what the flags ask to be done to an event.
func (c *editCmd) change(ctx context.Context, e *env) (func([]byte) ([]byte, error), error) {
	if c.Expr == "" {
		editor := os.Getenv("EDITOR")
		if editor == "" {
			return nil, exitError{exitUsage, errors.New("give --expr, or set EDITOR")}
		}
		return func(line []byte) ([]byte, error) { return openEditor(ctx, e, editor, line) }, nil
	}
	query, err := gojq.Parse(c.Expr)
	if err != nil {
		return nil, exitError{exitUsage, fmt.Errorf("--expr: %w", err)}
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, exitError{exitUsage, fmt.Errorf("--expr: %w", err)}
	}
	return func(line []byte) ([]byte, error) {
		var v any
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber() // an amount is exact, also as a number
		if err := dec.Decode(&v); err != nil {
			return nil, errors.New("it is not JSON: an editor can correct it (--id)")
		}
		results := code.RunWithContext(ctx, v)
		out, ok := results.Next()
		if !ok {
			return nil, errors.New("the expression gives nothing")
		}
		if err, failed := out.(error); failed {
			return nil, fmt.Errorf("the expression: %w", err)
		}
		if _, more := results.Next(); more {
			return nil, errors.New("the expression gives more than one result")
		}
		return gojq.Marshal(out)
	}, nil
}

// openEditor lets a person change an event.
func openEditor(ctx context.Context, e *env, editor string, line []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "dlq-replay-")
	if err != nil {
		return nil, fmt.Errorf("making a file to edit: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "event.json")
	text, err := canonical(line)
	if err != nil {
		text = line
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, fmt.Errorf("making a file to edit: %w", err)
	}
	words := strings.Fields(editor)
	cmd := osexec.CommandContext(ctx, words[0], append(words[1:], path)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = e.stdin, e.stdout, e.stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("running %s: %w", words[0], err)
	}
	edited, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading what was edited: %w", err)
	}
	var one bytes.Buffer
	if err := json.Compact(&one, edited); err != nil {
		return nil, fmt.Errorf("what was edited is not JSON: %w", err)
	}
	return one.Bytes(), nil
}
