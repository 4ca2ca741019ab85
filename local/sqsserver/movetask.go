package sqsserver

import (
	"context"
	"encoding/base64"
	"log/slog"
	"strings"
	"time"

	"github.com/go-faster/jx"
	"github.com/google/uuid"
)

// The states of a move task.
const (
	taskRunning   = "RUNNING"
	taskCompleted = "COMPLETED"
	taskCancelled = "CANCELLED"
	taskFailed    = "FAILED"
)

// moveTask moves the messages of a dead-letter queue back, or on to another queue. The server's mutex guards it.
type moveTask struct {
	handle              string
	source, destination string // ARNs; an empty destination means each message's own source
	rate                optional
	started             time.Time
	toMove, moved       int64
	status, failure     string
	cancel              context.CancelFunc
}

// moveTick is how often a task moves messages.
const moveTick = 100 * time.Millisecond

func (s *Server) startMoveTask(c *call) error {
	if c.sourceARN == "" {
		return errMissing("SourceArn")
	}
	if c.rate.set && (c.rate.value < 1 || c.rate.value > maxMoveRate) {
		return errValue(c.rate.value, "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500, if provided.")
	}
	s.mu.Lock()
	task, err := s.newMoveTask(c)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	c.out.ObjStart()
	c.out.FieldStart("TaskHandle")
	c.out.Str(task.handle)
	c.out.ObjEnd()
	return nil
}

// newMoveTask checks and starts the call's task. The caller holds the mutex.
func (s *Server) newMoveTask(c *call) (*moveTask, error) {
	source := s.findARN(c.sourceARN)
	switch {
	case source == nil:
		return nil, errNoResource("The resource that you specified for the SourceArn parameter doesn't exist.")
	case len(s.sources(source)) == 0:
		return nil, errParameter("Source queue must be configured as a Dead Letter Queue.")
	case c.destinationARN == c.sourceARN:
		return nil, errParameter("Source queue arn and destination queue arn cannot be the same.")
	case c.destinationARN != "" && s.findARN(c.destinationARN) == nil:
		return nil, errNoResource("The resource that you specified for the DestinationArn parameter doesn't exist.")
	}
	if list := s.moves[c.sourceARN]; len(list) > 0 && list[0].status == taskRunning {
		return nil, errUnsupported("There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
	}
	if s.ctx.Err() != nil {
		return nil, errUnavailable()
	}
	now := s.now()
	source.promote(now)
	s.drop(source, source.sweep(now))
	task := &moveTask{
		handle: base64.URLEncoding.EncodeToString([]byte(uuid.NewString() + " " + c.sourceARN)),
		source: c.sourceARN, destination: c.destinationARN, rate: c.rate, started: now,
		toMove: int64(source.ready.live), status: taskRunning,
	}
	ctx, cancel := context.WithCancel(s.ctx)
	task.cancel = cancel
	list := append([]*moveTask{task}, s.moves[c.sourceARN]...)
	s.moves[c.sourceARN] = list[:min(len(list), maxMoveResults)]
	s.tasks.Go(func() {
		defer cancel()
		s.runMove(ctx, task)
	})
	return task, nil
}

// runMove moves messages at the task's rate until all that were there at its start are moved.
func (s *Server) runMove(ctx context.Context, task *moveTask) {
	ticker := time.NewTicker(moveTick)
	defer ticker.Stop()
	allowance := 0.0
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// Keep only a fraction of a message from the last tick: no second may exceed the rate.
		allowance += float64(task.rate.or(maxMoveRate)) * moveTick.Seconds()
		n := int(allowance)
		allowance -= float64(n)
		if s.moveSome(task, n) {
			return
		}
	}
}

// moveSome moves up to n messages and reports whether the task is over.
func (s *Server) moveSome(task *moveTask, n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if task.status != taskRunning {
		return true
	}
	if s.store.failed() != nil {
		return false
	}
	source := s.findARN(task.source)
	if source == nil {
		task.fail(queryPrefix + "NonExistentQueue")
		return true
	}
	now := s.now()
	source.promote(now)
	for range n {
		if task.moved >= task.toMove {
			break
		}
		m := source.ready.pop(func(int) int { return 0 })
		if m == nil {
			task.status = taskCompleted // the others were received or deleted meanwhile
			return true
		}
		if !now.Before(source.expiry(m)) {
			m.state = stateGone
			delete(source.messages, m.seq)
			s.drop(source, []*message{m})
			continue
		}
		if !s.moveOne(task, source, m, now) {
			source.ready.pushFront(m)
			return true
		}
	}
	if task.moved >= task.toMove {
		task.status = taskCompleted
		return true
	}
	return false
}

// moveOne moves a message that was taken from source, and reports false if the task must end.
func (s *Server) moveOne(task *moveTask, source *queue, m *message, now time.Time) bool {
	destination := task.destination
	if destination == "" {
		destination = m.source
	}
	if destination == "" {
		task.fail("CouldNotDetermineMessageSource")
		return false
	}
	target := s.findARN(destination)
	if target == nil {
		task.fail(queryPrefix + "NonExistentQueue")
		return false
	}
	c, err := s.content(source.id, m)
	if err != nil {
		s.options.Logger.Error("moving a message", slog.String("queue", source.name), slog.Any("error", err))
		task.fail("InternalError")
		return false
	}
	s.seq++
	sent := c.resend(uuid.New(), now, s.seq)
	m.state = stateGone
	delete(source.messages, m.seq)
	target.add(sent, now)
	task.moved++
	s.store.add(
		putMessage(target, sent),
		op{kind: opDelete, queue: source.id, seq: m.seq},
	)
	return true
}

func (t *moveTask) fail(reason string) { t.status, t.failure = taskFailed, reason }

func (s *Server) cancelMoveTask(c *call) error {
	if c.taskHandle == "" {
		return errMissing("TaskHandle")
	}
	decoded, err := base64.URLEncoding.DecodeString(c.taskHandle)
	_, arn, ok := strings.Cut(string(decoded), " ")
	if err != nil || !ok {
		return errParameter("The task handle is invalid.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, task := range s.moves[arn] {
		if task.handle != c.taskHandle {
			continue
		}
		if task.status != taskRunning {
			return errUnsupported("Only an active task can be cancelled: this one is " + task.status + ".")
		}
		task.status = taskCancelled
		task.cancel()
		c.out.ObjStart()
		c.out.FieldStart("ApproximateNumberOfMessagesMoved")
		c.out.Int64(task.moved)
		c.out.ObjEnd()
		return nil
	}
	return errNoResource("The resource that you specified for the TaskHandle parameter doesn't exist.")
}

func (s *Server) listMoveTasks(c *call) error {
	if c.sourceARN == "" {
		return errMissing("SourceArn")
	}
	most := c.maxResults.or(1)
	if most < 1 || most > maxMoveResults {
		return errValue(most, "MaxResults", "Must be between 1 and 10, if provided.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.findARN(c.sourceARN) == nil {
		return errNoResource("The resource that you specified for the SourceArn parameter doesn't exist.")
	}
	list := s.moves[c.sourceARN]
	w := c.out
	w.ObjStart()
	w.FieldStart("Results")
	w.ArrStart()
	for i, task := range list[:min(int(most), len(list))] {
		if i > 0 {
			w.Comma()
		}
		task.write(w)
	}
	w.ArrEnd()
	w.ObjEnd()
	return nil
}

func (t *moveTask) write(w *jx.Writer) {
	first := true
	w.ObjStart()
	for _, f := range []struct{ name, value string }{
		{"Status", t.status},
		{"SourceArn", t.source},
		{"DestinationArn", t.destination},
		{"FailureReason", t.failure},
	} {
		if f.value != "" {
			field(w, &first, f.name)
			w.Str(f.value)
		}
	}
	if t.status == taskRunning {
		field(w, &first, "TaskHandle")
		w.Str(t.handle)
	}
	if t.rate.set {
		field(w, &first, "MaxNumberOfMessagesPerSecond")
		w.Int64(t.rate.value)
	}
	field(w, &first, "ApproximateNumberOfMessagesMoved")
	w.Int64(t.moved)
	field(w, &first, "ApproximateNumberOfMessagesToMove")
	w.Int64(t.toMove)
	field(w, &first, "StartedTimestamp")
	w.Int64(t.started.UnixMilli())
	w.ObjEnd()
}
