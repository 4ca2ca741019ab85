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
	// AtOnce also invokes it when the scheduler starts, as AWS does with a rate.
	AtOnce bool
	// Input is the event. <aws.scheduler.scheduled-time>, <aws.scheduler.execution-id> and
	// <aws.scheduler.attempt-number> in it are replaced.
	Input string
}

// Scheduler invokes functions on their schedules, as EventBridge Scheduler does, without
// waiting for earlier invocations. It retries a failed invocation twice.
type Scheduler struct {
	Jobs []Job
	// Retry is the wait before the first retry, and half of the wait before the second;
	// zero means AWS's minute.
	Retry  time.Duration
	Logger *slog.Logger
	// Ended, if set, is called when an invocation has ended, after its retries.
	Ended func(j Job, scheduled time.Time, answer []byte, err error)
}

// late is how long after its time a job is still invoked.
const late = time.Minute

// attempts bounds the tries of one event.
const attempts = 3

// Run invokes due jobs until ctx ends, and waits for running invocations.
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
				// Skip what was due while the machine slept.
				for due = j.Schedule.Next(due); !due.IsZero() && time.Since(due) > late; {
					due = j.Schedule.Next(due)
				}
			}
		})
	}
}

// ended reports how an invocation ended.
func (s *Scheduler) ended(ctx context.Context, j Job, due time.Time, answer []byte, err error) {
	if err != nil && s.Logger != nil {
		s.Logger.WarnContext(ctx, "scheduled invocation failed after its last retry", slog.String("schedule", j.Name), slog.String("error", err.Error()))
	}
	if s.Ended != nil {
		s.Ended(j, due, answer, err)
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
