package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
	"polo/internal/queue"
	"polo/producers"
)

// sending are the flags of commands that send to the main queue.
type sending struct {
	Apply      bool          `help:"Apply; without, only print what would be done."`
	Confirm    string        `help:"The main queue's name; required for a queue that is not on this machine." placeholder:"QUEUE"`
	Max        int           `help:"How many letters at most; ${default} is no bound." default:"0" placeholder:"N"`
	Rate       float64       `help:"Letters per second at most, starting at a tenth; ${default} is no limit, starting at 50." default:"0" placeholder:"N"`
	SlowStart  time.Duration `default:"5s" help:"How long the start takes to reach full speed (${default})." placeholder:"TIME"`
	MaxReplays int           `default:"3" help:"Skip letters that were replayed this often (${default})." placeholder:"N"`
	Identity   string        `env:"POLO_IDENTITY" help:"The collectors' tag keys of customers, clusters and indexes, for records that are normalised again." placeholder:"JSON"`
	Journal    string        `help:"The journal of the run; the default is a file per queue in the user's state folder." placeholder:"FILE" predictor:"file"`
}

type replayCmd struct {
	filters
	All     bool `help:"Every letter, if no other filter is given."`
	Abandon bool `help:"End an interrupted run, and start another."`
	sending
}

// Help is shown by --help.
func (replayCmd) Help() string {
	return `Sends letters to the main queue again, and deletes each from the dead-letter queue once its send is acknowledged.
Letters whose body was cut, that were replayed --max-replays times before, or that fit no message stay, each with its
reason. A source's own record is normalised again.

A run starts slowly (--slow-start) and then sends as fast as --rate allows. A journal on disk records what is about to be
sent, sent and deleted; one process at a time may write it. After Ctrl-C or a kill, the same command continues the run:
letters that were sent are only deleted. Letters in flight at a kill may have been sent or not. They are sent and reported,
and the consumer counts each event once. An interrupted run is not finished until all its letters in flight are out of the
dead-letter queue, even if --max was reached or others hold them: exit code 3 reports that. A run that has sent --max
letters is finished; the next run sends the other matches. A letter that fails again during a run is not sent again by that
run, which recognises it by its content and replay count.

An interrupted run is finished first: a command with another filter is refused, and shows the command that continues the
run. --abandon ends the run instead: letters that it had sent are deleted, the others stay for the new run's filter, and the
audit says "abandoned". Letters that others hold, such as a colleague's list, are skipped, counted, and cause exit code 3.

Examples:

  dlq-replay replay --all                                       what it would do
  dlq-replay replay --corrected --apply                         what edit corrected
  dlq-replay replay --reason refused_event --max 10 --apply     ten, to try
  dlq-replay replay --reason refused_event --rate 200 --apply   the rest, gently
  dlq-replay replay --since 2h --source aws.cloudtrail --apply --confirm polo-events    on AWS: name the queue
  dlq-replay replay --corrected --abandon --apply               not what was interrupted, but this
  dlq-replay verify --wait 2m                                   did they land?`
}

// interrupted says how to continue.
func (c *replayCmd) interrupted() string {
	return "letters that were not sent are still in the queue, and the journal has those that were; the same command continues"
}

func (c *replayCmd) do(ctx context.Context, e *env) (result, error) {
	filter, err := c.filter(time.Now())
	if err != nil {
		return nil, err
	}
	if filter.Empty() && !c.All {
		return nil, cli.Usage("which letters? give a filter, or --all for every one")
	}
	o, err := e.flags.open(ctx)
	if err != nil {
		return nil, err
	}
	planner, err := c.planner(o)
	if err != nil {
		return nil, err
	}
	if !c.Apply {
		return c.dry(ctx, o, filter, planner)
	}
	if err := o.guard(c.Confirm, o.mainName); err != nil {
		return nil, err
	}
	return c.apply(ctx, e, o, filter, planner)
}

func (c *replayCmd) apply(ctx context.Context, e *env, o *opened, filter replay.Filter, planner *replay.Planner) (_ result, err error) {
	path, err := c.journalPath(o)
	if err != nil {
		return nil, err
	}
	header := o.header(uuid.NewString(), filter, c.typed())
	act := replay.Act{Type: replay.TypeReplayed, Actor: actor(), DLQ: o.dlqName}
	// begin publishes the act: at once if a run continues, otherwise once there is something to
	// send.
	begin := func(journal *replay.Journal) (*replay.Journal, error) {
		act.Run, act.Started, act.Letters, act.Filter = journal.Run, journal.Started(), sentBy(journal), filter
		if err := act.Publish(ctx, o.main, replay.Begun); err != nil {
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
		return nil, err
	}
	resumed := old != nil && !c.Abandon
	switch {
	case resumed:
		if err := c.otherFilter(e, old); err != nil {
			return nil, errors.Join(err, old.Close())
		}
		if f, _, told := old.Filter(); told {
			filter = f // "two hours ago" is relative to when the run began
		}
		if run.Journal, err = begin(old); err != nil {
			return nil, err
		}
		run.Patient = patience(o, old)
		if err := noteResumed(e, old); err != nil {
			return nil, errors.Join(err, old.Close())
		}
	case old != nil:
		if run.Doubted, err = c.abandon(ctx, e, o, old, planner); err != nil {
			return nil, err
		}
	}
	run.Match = filter.Matcher()
	shown := newPace(ctx, e, o)
	run.Progress = shown.tell
	done, err := run.Do(ctx)
	shown.end()
	if run.Journal == nil {
		if err != nil {
			return nil, err
		}
		return nil, nothingSent(e, done)
	}
	defer func() { err = errors.Join(err, run.Journal.Close()) }()
	err = end(ctx, o.main, &act, run.Journal, done, err)
	out := &replayed{
		Result: done, Run: act.Run, Resumed: resumed, Journal: path, Seconds: time.Since(shown.started).Seconds(), Applied: true, again: c.verifyCommand(e, path),
	}
	if err != nil {
		return out, err
	}
	return out, stays(done)
}

// end publishes the end of a run and ends its journal, unless letters are left for the next run to
// find. err is the run's.
func end(ctx context.Context, q queue.Sender, act *replay.Act, journal *replay.Journal, done replay.Result, err error) error {
	act.Letters = sentBy(journal)
	if err == nil && done.Open > 0 {
		err = cli.Error{Code: cli.ExitIncomplete, Err: fmt.Errorf("run %s is not finished: %d letters that it sent or was about to send are still in the dead-letter queue, or held by others: the same command continues it", act.Run, done.Open)}
	}
	if err := act.End(ctx, q, err); err != nil {
		return err
	}
	// The act is published before the journal ends: a run whose end was not published can be continued.
	return journal.End()
}

func noteResumed(e *env, j *replay.Journal) error {
	return e.note("continuing the interrupted run %s: %d letters were sent, %d are in doubt; letters that it held are visible again within %s",
		j.Run, sentBy(j), j.Count(replay.Intended), j.Hold())
}

// patience is how long to wait for what an interrupted run held.
func patience(o *opened, j *replay.Journal) time.Duration {
	return max(o.hold, j.Hold()) + 10*time.Second
}

// stays returns the error of a run that left letters.
func stays(r replay.Result) error {
	switch {
	case len(r.Left) > 0:
		return cli.Incomplete("some letters could not be replayed and are still in the queue")
	case r.HeldByOthers > 0:
		return cli.Incomplete("about %d letters were skipped, because others hold them: run it again later", r.HeldByOthers)
	}
	return nil
}

// nothingSent says why nothing was sent.
func nothingSent(e *env, result replay.Result) error {
	switch {
	case len(result.Left) == 0 && result.HeldByOthers > 0:
		return cli.Incomplete("no letter matches, but about %d were skipped, because others hold them: nothing was sent", result.HeldByOthers)
	case len(result.Left) == 0:
		return errors.New("no letter matches: nothing was sent")
	}
	for _, why := range byCount(result.Left) {
		if err := e.note("%d left: %s", result.Left[why], why); err != nil {
			return err
		}
	}
	return cli.Incomplete("none of the matching letters can be replayed: nothing was sent")
}

func sentBy(j *replay.Journal) int64 { return int64(j.Count(replay.Sent) + j.Count(replay.Deleted)) }

// verifyCommand returns the command that verifies whether everything landed.
func (c *replayCmd) verifyCommand(e *env, journal string) string {
	command := "dlq-replay verify --wait 2m"
	command = strings.TrimSpace(command + " " + e.flags.dataFlag())
	if c.Journal != "" {
		command += " --journal " + cli.Quote(journal)
	}
	return command
}

func (s sending) planner(o *opened) (*replay.Planner, error) {
	id, err := producers.ParseIdentity(s.Identity)
	if err != nil {
		return nil, cli.Usage("--identity: %w", err)
	}
	records, err := recordsOf(id)
	if err != nil {
		return nil, err
	}
	return &replay.Planner{MaxReplays: s.MaxReplays, Records: records, MaxMessage: o.main.Limits().MaxMessage}, nil
}
