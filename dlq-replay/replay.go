package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"polo/dlq-replay/replay"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/cloudtrail"
)

// sending are the flags of what sends to the main queue.
type sending struct {
	Apply      bool          `help:"Do it; without, only say what would be done."`
	Confirm    string        `help:"The main queue's name, for one that is not on this machine." placeholder:"QUEUE"`
	Max        int           `help:"How many letters at most; ${default} is no bound." default:"0" placeholder:"N"`
	Rate       float64       `help:"Letters a second at most, from a tenth of it on; ${default} is as fast as it goes, from 50 on." default:"0" placeholder:"N"`
	SlowStart  time.Duration `default:"5s" help:"How long it takes to come to full speed (${default})." placeholder:"TIME"`
	MaxReplays int           `default:"3" help:"Leave letters that were replayed this often (${default})." placeholder:"N"`
	Identity   string        `env:"POLO_IDENTITY" help:"The collectors' tag keys of customers, clusters and indexes, for records that are normalised anew." placeholder:"JSON"`
	Journal    string        `help:"Where what was done is noted; the default is a file of the queue's own in the user's state folder." placeholder:"FILE" predictor:"file"`
}

type replayCmd struct {
	filters
	All     bool `help:"Every letter there is, where no other filter is given."`
	Abandon bool `help:"End a run that was interrupted, and begin another."`
	sending
}

// plan is what a dry run says.
type plan struct {
	Letters  int            `json:"letters"`
	Events   int            `json:"events"`
	Reasons  map[string]int `json:"reasons"`
	Left     map[string]int `json:"left,omitempty"`
	Examples []string       `json:"examples,omitempty"`
	// PassedOver is about how many letters others hold, so that they were not read.
	PassedOver int  `json:"passed_over,omitempty"`
	Applied    bool `json:"applied"`
}

// replayed is what an applied run says.
type replayed struct {
	replay.Result
	Run     string  `json:"run"`
	Resumed bool    `json:"resumed"`
	Journal string  `json:"journal"`
	Seconds float64 `json:"seconds"`
	Applied bool    `json:"applied"`

	// again is the command that verifies it.
	again string
}

// Help is shown by --help.
func (replayCmd) Help() string {
	return `Sends letters to the main queue again, and deletes each here once its sending is acknowledged. Letters whose body
was cut, that were replayed --max-replays times before, or that fit no message stay, each with its reason. A source's own
record is normalised anew.

A run begins slowly (--slow-start) and then goes as fast as it may (--rate). What is about to be sent, sent and deleted
is in a journal on disk, which one process at a time may write. Interrupted by Ctrl-C or killed, the same command goes on
with the run: what was sent is only deleted. Those in hand at a kill may have been sent or not; they are sent, said so, and
the consumer takes each event once. Until all that an interrupted run had in hand is out of the dead-letter queue it is not
over, also where --max was reached or others hold it: exit code 3 says so. A run that has sent --max letters is over, and
what else matches is for the next. What comes to the dead-letter queue during a run, failed
again, is not sent again by that run; it is known by what it holds and by its replay count.

A run that was interrupted is finished first: a command with another filter is refused and shows the one that goes on,
because what is half done is easily forgotten. --abandon ends it instead: what it had sent is deleted here, the rest stays
for the new run's filter, and the audit says "abandoned". Letters that others hold, such as a colleague's list, are passed
over, counted, and make exit code 3.

Examples:

  dlq-replay replay --all                                       what it would do
  dlq-replay replay --corrected --apply                         what edit corrected
  dlq-replay replay --reason refused_event --max 10 --apply     ten, to try
  dlq-replay replay --reason refused_event --rate 200 --apply   the rest, gently
  dlq-replay replay --since 2h --source aws.cloudtrail --apply --confirm polo-events    on AWS: name the queue
  dlq-replay replay --corrected --abandon --apply               not what was interrupted, but this
  dlq-replay verify --wait 2m                                   did they land?`
}

// interrupted says how to go on.
func (c *replayCmd) interrupted() string {
	return "every letter that was not sent is where it was, what was sent is noted, and the same command goes on"
}

// Run replays.
func (c *replayCmd) Run(ctx context.Context, e *env) error {
	filter, err := c.filter(time.Now())
	if err != nil {
		return err
	}
	if filter.Empty() && !c.All {
		return exitError{exitUsage, errors.New("which letters? give a filter, or --all for every one")}
	}
	o, err := e.cli.open(ctx)
	if err != nil {
		return err
	}
	planner, err := c.planner(o)
	if err != nil {
		return err
	}
	if !c.Apply {
		return c.say(ctx, e, o, filter, planner)
	}
	if err := o.guard(c.Confirm, o.mainName); err != nil {
		return err
	}
	return c.apply(ctx, e, o, filter, planner)
}

func (c *replayCmd) apply(ctx context.Context, e *env, o *opened, filter replay.Filter, planner *replay.Planner) (err error) {
	path, err := c.journalPath(o)
	if err != nil {
		return err
	}
	header := o.header(uuid.NewString(), filter, c.typed())
	act := replay.Act{Type: replay.TypeReplayed, Actor: actor(), DLQ: o.dlqName}
	// begin tells of the act: at once where there is something to go on with, otherwise
	// when there is something to send.
	begin := func(journal *replay.Journal) (*replay.Journal, error) {
		act.Run, act.Started, act.Letters, act.Filter = journal.Run, journal.Started(), sentBy(journal), filter
		if err := act.Tell(ctx, o.main, replay.Begun); err != nil {
			return nil, errors.Join(err, journal.Close())
		}
		return journal, nil
	}
	run := replay.Run{
		Reader: o.reader(), Queue: o.main, DLQ: o.dlq, Planner: planner, Max: c.Max, Rate: c.Rate, SlowStart: c.SlowStart, Senders: 4,
		Begin: func() (*replay.Journal, error) {
			journal, err := newJournal(path, header)
			if err != nil {
				return nil, err
			}
			return begin(journal)
		},
	}
	old, err := unfinished(path, header)
	if err != nil {
		return err
	}
	resumed := old != nil && !c.Abandon
	switch {
	case resumed:
		if err := c.otherFilter(e, old); err != nil {
			return errors.Join(err, old.Close())
		}
		if f, _, told := old.Filter(); told {
			filter = f // "two hours ago" is what it was when the run began
		}
		if run.Journal, err = begin(old); err != nil {
			return err
		}
		run.Patient = patience(o, old)
		if _, err := fmt.Fprintf(e.stderr, "going on with run %s, which was interrupted: %d letters were sent, of %d it is not known; what it held comes back within %s\n",
			act.Run, act.Letters, old.Count(replay.Intended), old.Hold()); err != nil {
			return errors.Join(err, old.Close())
		}
	case old != nil:
		if run.Doubted, err = c.abandon(ctx, e, o, old, planner); err != nil {
			return err
		}
	}
	run.Match = filter.Matcher()
	shown := newProgress(e, o, time.Now())
	run.Progress = shown.tell
	result, err := run.Do(ctx)
	shown.end()
	if run.Journal == nil {
		if err != nil {
			return err
		}
		return nothingSent(e, result)
	}
	defer func() { err = errors.Join(err, run.Journal.Close()) }()
	act.Letters = sentBy(run.Journal)
	var open error
	if err == nil && result.Open > 0 {
		open = exitError{exitLeft, fmt.Errorf("run %s is not over: %d letters that it sent or was about to send are in the dead-letter queue still, or held by others: the same command goes on with it", act.Run, result.Open)}
	}
	err = act.End(ctx, o.main, errors.Join(err, open))
	if err == nil {
		// Only now: a run that is not told of goes on, to be told of.
		err = run.Journal.End()
	}
	out := replayed{
		Result: result, Run: act.Run, Resumed: resumed, Journal: path, Seconds: time.Since(shown.started).Seconds(), Applied: true, again: c.verifyCommand(e, path),
	}
	if told := printReplayed(e, out); err != nil || told != nil {
		return errors.Join(err, told)
	}
	return stays(result)
}

// patience is how long to wait for what an interrupted run held.
func patience(o *opened, j *replay.Journal) time.Duration {
	return max(o.hold, j.Hold()) + 10*time.Second
}

// stays is the error of a run that left something.
func stays(r replay.Result) error {
	switch {
	case len(r.Left) > 0:
		return exitError{exitLeft, errors.New("some letters could not be replayed and are still there")}
	case r.PassedOver > 0:
		return exitError{exitLeft, fmt.Errorf("about %d letters were passed over, because others hold them: run it again in a while", r.PassedOver)}
	}
	return nil
}

// nothingSent says why nothing was sent.
func nothingSent(e *env, result replay.Result) error {
	switch {
	case len(result.Left) == 0 && result.PassedOver > 0:
		return exitError{exitLeft, fmt.Errorf("no letter matches, but about %d were passed over, because others hold them: nothing was sent", result.PassedOver)}
	case len(result.Left) == 0:
		return errors.New("no letter matches: nothing was sent")
	}
	for _, why := range byCount(result.Left) {
		if _, err := fmt.Fprintf(e.stderr, "%d left: %s\n", result.Left[why], why); err != nil {
			return err
		}
	}
	return exitError{exitLeft, errors.New("no letter that matches can be replayed: nothing was sent")}
}

func sentBy(j *replay.Journal) int64 { return int64(j.Count(replay.Sent) + j.Count(replay.Deleted)) }

// verifyCommand is what asks whether all of it landed.
func (c *replayCmd) verifyCommand(e *env, journal string) string {
	command := "dlq-replay verify --wait 2m"
	if e.cli.Data != "" {
		command += " --data " + e.cli.Data
	}
	if c.Journal != "" {
		command += " --journal " + journal
	}
	return command
}

func (s sending) planner(o *opened) (*replay.Planner, error) {
	id, err := producers.ParseIdentity(s.Identity)
	if err != nil {
		return nil, exitError{exitUsage, fmt.Errorf("--identity: %w", err)}
	}
	return &replay.Planner{
		MaxReplays: s.MaxReplays, Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{Identity: id.OfTags}), MaxMessage: o.main.Limits().MaxMessage,
	}, nil
}

// journalPath is where the queue's journal is: a local stack keeps its own, others are
// told apart by more than their names.
func (s sending) journalPath(o *opened) (string, error) {
	if s.Journal != "" {
		return s.Journal, nil
	}
	if o.data != "" {
		return filepath.Join(o.data, o.dlqName+".journal"), nil
	}
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("finding a place for the journal (--journal names one): %w", err)
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "polo", "dlq-replay", o.dlqName+"-"+o.key()+".journal"), nil
}

// say tells what a replay would do.
func (c *replayCmd) say(ctx context.Context, e *env, o *opened, filter replay.Filter, planner *replay.Planner) error {
	match := filter.Matcher()
	var mu sync.Mutex
	out := plan{Reasons: map[string]int{}, Left: map[string]int{}}
	before, err := o.dlq.Stats(ctx)
	if err != nil {
		return fmt.Errorf("asking how much the dead-letter queue holds: %w", err)
	}
	out.PassedOver = before.InFlight
	err = look(ctx, o, func(l replay.Letter) error {
		if !match(&l) {
			return nil
		}
		parcel, err := planner.Plan(&l)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			out.Left[err.Error()]++
		case c.Max > 0 && out.Letters >= c.Max:
			return replay.ErrEnough
		default:
			out.Letters++
			out.Events += len(parcel.Statements) + parcel.Unreadable
			out.Reasons[prospect(&l)]++
			if len(out.Examples) < 3 {
				out.Examples = append(out.Examples, l.ID())
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if e.cli.JSON {
		return printJSON(e, out)
	}
	if out.Letters == 0 && len(out.Left) == 0 && out.PassedOver == 0 {
		_, err := fmt.Fprintln(e.stdout, "no letter matches: nothing would be sent")
		return err
	}
	t := newTable(e.stdout, "letters", "what would become of them")
	for _, reason := range byCount(out.Reasons) {
		t.row(fmt.Sprint(out.Reasons[reason]), reason)
	}
	for _, why := range byCount(out.Left) {
		t.row(fmt.Sprint(out.Left[why]), "left: "+why)
	}
	if err := t.flush(); err != nil {
		return err
	}
	if out.PassedOver > 0 {
		if _, err := fmt.Fprintf(e.stdout, "about %d more were not read: somebody else holds them\n", out.PassedOver); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(e.stdout, "%d letters with %d events would be sent to %s and deleted here. Nothing was done: add --apply.\n", out.Letters, out.Events, o.mainName)
	return err
}

// prospect says what is sent, and what is likely to become of it.
func prospect(l *replay.Letter) string {
	reason := queue.Reason(l.Reason())
	switch {
	case l.Corrected():
		return "sent again: " + l.Reason() + ", corrected"
	case reason == queue.ReasonInvalidEvent || reason == queue.ReasonMalformedEvent || reason == queue.ReasonMalformedPack ||
		reason == queue.ReasonCorruptPack || reason == queue.ReasonPackTooLarge:
		return "sent again: " + l.Reason() + ", as it is: it fails again unless the consumer was changed"
	}
	return "sent again: " + l.Reason()
}

func byCount(m map[string]int) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Or(m[b]-m[a], cmp.Compare(a, b)) })
}

func printReplayed(e *env, r replayed) error {
	if e.cli.JSON {
		return printJSON(e, r)
	}
	if _, err := fmt.Fprintf(e.stdout, "%d letters sent and deleted in %.1f s (run %s)\n", r.Sent, r.Seconds, r.Run); err != nil {
		return err
	}
	for _, line := range []struct {
		n    int64
		text string
	}{
		{r.Known, "were sent before the interruption, and only deleted now"},
		{r.InDoubt, "of the sent may have been sent before the interruption, too: the consumer takes each event once"},
		{r.FailedAgain, "that this run had sent failed again, and stay"},
		{int64(r.PassedOver), "or so were passed over: others hold them"},
	} {
		if line.n > 0 {
			if _, err := fmt.Fprintf(e.stdout, "%d %s\n", line.n, line.text); err != nil {
				return err
			}
		}
	}
	for _, why := range byCount(r.Left) {
		if _, err := fmt.Fprintf(e.stdout, "%d left: %s\n", r.Left[why], why); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(e.stdout, "Has it landed? %s\n", r.again)
	return err
}
