package lambda

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Job is a function that is invoked on a schedule.
type Job struct {
	Name     string
	Function *Function
	Schedule Schedule
	// AtOnce invokes it also when the scheduler begins, as AWS does with a rate.
	AtOnce bool
	// Input is the event. <aws.scheduler.scheduled-time>, <aws.scheduler.execution-id> and
	// <aws.scheduler.attempt-number> in it stand for what they say.
	Input string
}

// Scheduler invokes functions on their schedules, as EventBridge Scheduler does: without
// waiting for an answer. A failed invocation is repeated twice.
type Scheduler struct {
	Jobs []Job
	// Retry is how long it waits before the first repetition, and half of what it waits
	// before the second; zero stands for AWS's minute.
	Retry  time.Duration
	Logger *slog.Logger
	// Told, if set, is told how each invocation ended.
	Told func(j Job, scheduled time.Time, answer []byte, err error)
}

// late is how long after its time something is due still.
const late = time.Minute

// attempts is how often an event is handed to a function at most.
const attempts = 3

// Run invokes what is due until ctx ends, and waits for what it has begun.
func (s *Scheduler) Run(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	for _, j := range s.Jobs {
		all.Go(func() {
			var work sync.WaitGroup
			defer work.Wait()
			due := time.Now().UTC().Truncate(time.Second)
			if !j.AtOnce {
				due = j.Schedule.Next(due)
			}
			for !due.IsZero() {
				timer := time.NewTimer(time.Until(due))
				select {
				case <-ctx.Done():
					timer.Stop()
					return
				case <-timer.C:
				}
				at := due
				work.Go(func() { s.invoke(ctx, j, at) })
				// What was due while the machine slept is not made up for.
				for due = j.Schedule.Next(due); !due.IsZero() && time.Since(due) > late; {
					due = j.Schedule.Next(due)
				}
			}
		})
	}
}

// ended tells how an invocation ended.
func (s *Scheduler) ended(ctx context.Context, j Job, due time.Time, answer []byte, err error) {
	if err != nil && s.Logger != nil {
		s.Logger.WarnContext(ctx, "a scheduled invocation failed for good", slog.String("schedule", j.Name), slog.String("error", err.Error()))
	}
	if s.Told != nil {
		s.Told(j, due, answer, err)
	}
}

func (s *Scheduler) invoke(ctx context.Context, j Job, due time.Time) {
	execution := uuid.NewString()
	wait := s.Retry
	if wait == 0 {
		wait = time.Minute
	}
	for attempt := 1; ; attempt++ {
		input := strings.NewReplacer(
			"<aws.scheduler.scheduled-time>", due.UTC().Format(time.RFC3339), "<aws.scheduler.execution-id>", execution,
			"<aws.scheduler.attempt-number>", strconv.Itoa(attempt),
		).Replace(j.Input)
		answer, err := j.Function.Invoke(context.WithoutCancel(ctx), Invocation{Payload: []byte(input)})
		if err == nil || attempt == attempts || ctx.Err() != nil {
			s.ended(ctx, j, due, answer, err)
			return
		}
		select {
		case <-ctx.Done():
			s.ended(ctx, j, due, nil, err)
			return
		case <-time.After(wait):
			wait *= 2
		}
	}
}
