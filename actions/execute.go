package actions

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"polo/actions/action"
	"polo/envelope"
	"polo/internal/redact"
)

// Status is how an execution or an undo stands.
type Status string

// Statuses. Only executed and undone are successes.
const (
	StatusExecuted   Status = "executed"
	StatusUndone     Status = "undone"
	StatusInProgress Status = "in_progress" // a call was accepted or took effect, and it is not the end
	StatusUnknown    Status = "unknown"
	StatusFailed     Status = "failed"
)

// Outcome is what became of a plan.
type Outcome struct {
	Status Status `json:"status"`
	Plan   string `json:"plan"`
	Phase  Phase  `json:"phase"`
	// Step is the last call that was made, from 1, of Steps.
	Step  int `json:"step"`
	Steps int `json:"steps"`
	// Attempt is the name of the session that made it.
	Attempt string `json:"attempt"`
	// Repeated reports whether this is earlier work that was found.
	Repeated bool   `json:"repeated,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Text     string `json:"text,omitempty"`
}

// Reasons of entries that are no refusals.
const (
	reasonAccepted = "accepted"
	reasonNoAnswer = "no_answer"
	reasonFound    = "found_by_looking"
	reasonNoEffect = "no_effect"
)

const (
	// continueTime is how long after its first call a plan of several calls may be continued; a step may say that it must be made sooner.
	continueTime = 24 * time.Hour
	// undoTime is how long after it was planned something may be undone.
	undoTime = 7 * 24 * time.Hour
)

// historyTime is how far back a resource's attempts count: nothing is done with a plan that is older.
const historyTime = undoTime + 24*time.Hour

// Execute does what a plan says, or its next call. A plan that was executed is found, not executed again.
func (e *Engine) Execute(ctx context.Context, c Caller, plan string, approvals []string) (Outcome, error) {
	return e.run(ctx, c, plan, PhaseExecute, approvals)
}

// Undo restores what a plan changed.
func (e *Engine) Undo(ctx context.Context, c Caller, plan string, approvals []string) (Outcome, error) {
	return e.run(ctx, c, plan, PhaseUndo, approvals)
}

// run is one request to execute or undo a plan.
func (e *Engine) run(ctx context.Context, c Caller, text string, phase Phase, approvals []string) (Outcome, error) {
	p, err := e.openPlan(text)
	if err != nil {
		return Outcome{}, err
	}
	r := &running{Engine: e, c: c, p: p, phase: phase}
	out, err := r.begin(ctx, approvals)
	if err != nil {
		var refusal *Refusal
		if !errors.As(err, &refusal) {
			return Outcome{}, err
		}
		if r.intent.Attempt == "" {
			e.refused(ctx, c, p, phase, err)
			return Outcome{}, err
		}
		// The intent stands in the journal, so its end must, too; until then the resource is busy.
		_ = e.say(ctx, r.intent.ended(KindRefused, e.now(), string(refusal.Code), refusal.Text)) // logged, and settled later
		return Outcome{}, err
	}
	return out, nil
}

// running is one request on its way.
type running struct {
	*Engine
	c     Caller
	p     sealed
	phase Phase

	action action.Action
	steps  []action.Step
	step   int
	// since is when the first call of the phase was intended; zero before that.
	since  time.Time
	intent Entry
}

func (r *running) begin(ctx context.Context, approvals []string) (Outcome, error) {
	var err error
	if r.action, err = action.ByID(r.p.Action); err != nil {
		return Outcome{}, refuse(CodeUnknownAction, "%v.", err)
	}
	if r.steps, err = r.p.steps(r.phase); err != nil {
		return Outcome{}, err
	}
	if len(r.steps) == 0 {
		return Outcome{}, refuse(CodeNoUndo, "There is no undo: %s", r.p.Undo.Text)
	}
	// What was done is found before anything is refused: a repeat is answered even when all is off.
	if out, err := r.position(ctx); err != nil || out != nil {
		if err != nil {
			return Outcome{}, err
		}
		return *out, nil
	}
	if err := r.gates(ctx, approvals); err != nil {
		return Outcome{}, err
	}
	if err := r.holds(ctx); err != nil {
		return Outcome{}, err
	}
	if err := r.intend(ctx); err != nil {
		return Outcome{}, err
	}
	if err := r.alone(ctx); err != nil {
		return Outcome{}, err
	}
	if counts(r.p.Action, r.phase) {
		if err := r.withinLimits(ctx, &r.p.Plan, r.phase, r.intent.Attempt, r.now()); err != nil {
			return Outcome{}, err
		}
	}
	if err := r.alive(ctx); err != nil {
		return Outcome{}, err
	}
	w, err := r.cfg.Cloud.Writer(ctx, Session{
		Account: r.p.Account, Region: r.p.Region, Name: r.c.Request, Person: r.c.Person.Email, Plan: r.p.ID, Action: r.p.Action,
		Policy: r.steps[r.step].SessionPolicy(),
	})
	if err != nil {
		return Outcome{}, refuseBy(CodeNoSession, err, "The role of actions cannot be assumed in the account.")
	}
	// The last look before the call.
	if err := r.holds(ctx); err != nil { //mutant:actions-no-second-look
		return Outcome{}, err
	}
	if r.now().Sub(r.intent.At) > r.cfg.Times.Begin { //mutant:actions-too-late
		return Outcome{}, refuse(CodeTooLate, "It took too long to begin: others may take this attempt for dead.")
	}
	return r.call(ctx, w)
}

// position finds what was done with the plan before. It returns an outcome if nothing is left to do, sets the step to
// do otherwise, and settles attempts that have no end.
func (r *running) position(ctx context.Context) (*Outcome, error) {
	history, err := r.history(ctx)
	if err != nil {
		return nil, err
	}
	executed := false
	var found *Outcome
	for i, a := range history {
		if a.intent.Nonce == r.c.Nonce && a.intent.Attempt != r.c.Request { //mutant:actions-replay
			return nil, refuse(CodeReplayed, "The request was sent before.")
		}
		if a.open() { //mutant:actions-not-settled
			if a, err = r.settle(ctx, a); err != nil {
				return nil, err
			}
			history[i] = a
		}
		if a.intent.Plan != r.p.ID {
			if a.open() {
				return nil, &Refusal{Code: CodeBusy, Text: "Another plan's attempt on the resource has not ended.", Retry: r.cfg.Times.Settle}
			}
			continue
		}
		switch {
		case a.open() && a.accepted && a.intent.Phase == r.phase:
			out := r.outcome(a, StatusInProgress)
			return &out, nil
		case a.open():
			return nil, &Refusal{Code: CodeInDoubt, Text: "An earlier attempt has no outcome yet.", Retry: r.cfg.Times.Settle}
		case !a.took():
		case a.intent.Phase == PhaseUndo && r.phase == PhaseExecute:
			return nil, refuse(CodeUndone, "The plan was executed and undone: plan again.")
		case a.intent.Phase == r.phase && a.intent.Step == len(r.steps)-1:
			out := r.outcome(a, r.success())
			found = &out
		case a.intent.Phase == r.phase:
			r.step = max(r.step, a.intent.Step+1)
			if r.since.IsZero() {
				r.since = a.intent.At
			}
		}
		executed = executed || a.took() && a.intent.Phase == PhaseExecute && a.end.Kind == KindExecuted
	}
	if r.phase == PhaseUndo && !executed {
		return nil, refuse(CodeNothingToUndo, "The plan was not executed.")
	}
	if r.phase == PhaseUndo && found == nil && r.overtaken(history) {
		return nil, refuse(CodeChanged, "Another plan took effect on the resource later: undo that first.")
	}
	return found, nil
}

// overtaken reports whether anything of another plan took effect on the resource after this one was executed, and was not undone.
func (r *running) overtaken(history []attempt) bool {
	later := map[string]bool{}
	executed := false
	for _, a := range history {
		switch id := a.intent.Plan; {
		case !a.took():
		case id == r.p.ID:
			executed = executed || a.intent.Phase == PhaseExecute
		case !executed:
		case a.intent.Phase == PhaseUndo && later[id]:
			delete(later, id)
		default:
			later[id] = true
		}
	}
	return len(later) > 0 //mutant:actions-undo-overtaken
}

// history returns the attempts on the plan's resource.
func (r *running) history(ctx context.Context) ([]attempt, error) {
	entries, err := r.cfg.Journal.OfResource(ctx, r.p.ARN, r.now().Add(-historyTime))
	if err != nil {
		return nil, &Refusal{Code: CodeJournalDown, Text: "The journal cannot be read.", Err: err, Retry: time.Minute}
	}
	return attempts(entries), nil
}

func (r *running) success() Status {
	if r.phase == PhaseUndo {
		return StatusUndone
	}
	return StatusExecuted
}

// outcome returns that of an earlier attempt.
func (r *running) outcome(a attempt, s Status) Outcome {
	return Outcome{
		Status: s, Plan: r.p.ID, Phase: r.phase, Step: a.intent.Step + 1, Steps: len(r.steps), Attempt: a.intent.Attempt, Repeated: true,
		Reason: a.end.Reason, Text: a.end.Text,
	}
}

// gates are the checks that need nothing but the plan and what Polo knows.
func (r *running) gates(ctx context.Context, approvals []string) error {
	now := r.now()
	if err := r.on(); err != nil {
		return err
	}
	if err := r.alive(ctx); err != nil {
		return err
	}
	switch {
	case r.phase == PhaseUndo:
		if now.Sub(r.p.Created) > undoTime {
			return refuse(CodeExpired, "It was planned more than seven days ago: undo it by hand.")
		}
	case !r.since.IsZero():
		if now.Sub(r.since) > continueTime {
			return refuse(CodeExpired, "Its first call was more than a day ago: plan again.")
		}
	case now.After(r.p.Expires): //mutant:actions-expired
		return refuse(CodeExpired, "The plan has expired: plan again.")
	}
	known, err := r.cfg.Evidence.Resource(ctx, r.p.ARN)
	switch {
	case errors.Is(err, ErrNoResource):
		return refuse(CodeUnknownResource, "Polo knows no resource of that ARN.")
	case err != nil:
		return refuseBy(CodeEvidenceDown, err, "The resource cannot be read.")
	case known.Account != r.p.Account || known.Region != r.p.Region:
		return refuse(CodeChanged, "The resource is in another account or region than planned.")
	}
	allow, err := r.allowed(r.p.Action, r.p.Params, known)
	if err != nil {
		return err
	}
	i := r.action.Info()
	cost, err := r.cfg.Evidence.Cost(ctx, r.p.ARN)
	if err != nil {
		return refuseBy(CodeEvidenceDown, err, "What the resource costs cannot be read.")
	}
	by, err := r.approvedBy(r.p, r.c.Person, r.phase, approvals, r.approvalClock(now))
	if err != nil {
		return err
	}
	// The reasons of the plan hold, and those of now: the account's role may have changed.
	why := append(r.secondPerson(i, known.Account, known.Environment, cost), r.p.SecondPerson...)
	if r.phase == PhaseUndo && i.UndoExposes != "" { //mutant:actions-exposes-alone
		why = append(why, "the undo exposes "+i.UndoExposes)
	}
	if len(why) > 0 && by == nil { //mutant:actions-one-person
		return refuse(CodeNeedsSecond, "Somebody else must approve it: %s.", why[0])
	}
	if r.phase == PhaseUndo {
		return nil
	}
	return r.violated(ctx, i, allow, r.p.Rule, r.p.ARN)
}

// approvalClock returns the time that approvals are compared with: a plan that has begun is continued with the approval that it began with.
func (r *running) approvalClock(now time.Time) time.Time {
	if r.phase == PhaseExecute && !r.since.IsZero() {
		return r.since
	}
	return now
}

// holds looks at the resource, and reports why the call must not be made.
func (r *running) holds(ctx context.Context) error {
	s, err := r.look(ctx, r.action, &r.p.Plan)
	if err != nil {
		return err
	}
	if err := unprotected(s); err != nil {
		return err
	}
	switch {
	case r.phase == PhaseUndo && s.Facts[action.Identity] != r.p.Facts[action.Identity]: //mutant:actions-another-resource
		return refuse(CodeChanged, "The resource was made anew under the same name.")
	case r.phase == PhaseUndo:
		// What was done must still be so: else it is somebody else's work that would be undone.
		for _, done := range r.doSteps() {
			if done.Effect(s) != action.Taken { //mutant:actions-undo-others-work
				return refuse(CodeChanged, "The resource is not as the plan left it.")
			}
		}
	case factsHash(s.Facts) != r.p.Precondition: //mutant:actions-precondition
		return refuse(CodeChanged, "The resource is not as it was when the plan was made: plan again.")
	}
	step := r.steps[r.step]
	if step.Ready != nil {
		if err := step.Ready(s); err != nil {
			return &Refusal{Code: CodeNotReady, Text: err.Error() + ".", Retry: time.Minute}
		}
	}
	if step.Until != nil && r.now().After(step.Until(s)) { //mutant:delete-long-after
		return refuse(CodeExpired, "What came before it was done too long ago: plan again.")
	}
	return r.undisturbed(ctx, step)
}

// undisturbed reports calls on the resource since the plan after which a step is not made. CloudTrail's times are whole seconds.
func (r *running) undisturbed(ctx context.Context, step action.Step) error {
	if len(step.Unless) == 0 {
		return nil
	}
	calls, err := r.cfg.Evidence.CallsOn(ctx, r.p.ARN, step.Unless, r.p.Created.Truncate(time.Second))
	switch {
	case err != nil:
		return refuseBy(CodeEvidenceDown, err, "What was done to the resource since the plan cannot be read.")
	case len(calls) > 0: //mutant:delete-after-use
		return refuse(CodeChanged, "CloudTrail has %s of the resource since the plan: plan again.", calls[0])
	}
	return nil
}

func (r *running) doSteps() []action.Step { return r.action.Steps(r.p.Target(), r.p.Facts) }

// intend writes the intent down and waits until the journal shows it.
func (r *running) intend(ctx context.Context) error {
	step := r.steps[r.step]
	intent := r.p.entry(KindIntended, r.phase, r.now())
	intent.Step, intent.Attempt, intent.Person, intent.Nonce = r.step, r.c.Request, r.c.Person, r.c.Nonce
	intent.Call, intent.Sealed = step.Service+":"+step.Operation, r.p.text
	// From here on the attempt has an end, whatever happens.
	r.intent = intent
	if err := r.cfg.Journal.Append(ctx, intent); err != nil { //mutant:actions-no-audit
		return &Refusal{Code: CodeJournalDown, Text: "The intent cannot be written down: nothing is done without.", Err: err, Retry: time.Minute}
	}
	return nil
}

// alone waits until its own intent can be seen, and then reports whether this attempt may proceed: it may if every other
// attempt on the resource that can be seen has ended, and none did its work. Of two attempts, the one whose intent can be seen
// later sees the other's, so that never both proceed, whatever their clocks say. To see that the other was refused, the earlier waits a little.
func (r *running) alone(ctx context.Context) error {
	until := r.now().Add(r.cfg.Times.Visible)
	for {
		history, err := r.history(ctx)
		if err != nil {
			return err
		}
		mine, wait := r.judge(history)
		if wait == nil && mine { //mutant:actions-unseen-intent
			return nil
		}
		var refusal *Refusal
		if errors.As(wait, &refusal) && refusal.Code != CodeBusy {
			return refusal
		}
		if r.now().After(until) {
			if mine {
				return wait
			}
			return &Refusal{Code: CodeJournalBehind, Text: "The journal does not show the intent: nothing is done without.", Retry: time.Minute}
		}
		if err := r.cfg.Sleep(ctx, r.cfg.Times.Poll); err != nil {
			return refuseBy(CodeTooLate, err, "The request ended.")
		}
	}
}

// judge looks at the other attempts. It reports whether its own can be seen, and why it must not proceed; one that is only busy
// may pass.
func (r *running) judge(history []attempt) (mine bool, wait error) {
	own := attempt{intent: r.intent}
	for _, a := range history {
		switch {
		case a.intent.Attempt == r.intent.Attempt && a.intent.Plan == r.p.ID:
			mine = true
		case a.intent.Nonce == r.intent.Nonce:
			return mine, refuse(CodeReplayed, "The request was sent before.")
		case a.open(): //mutant:actions-not-alone
			code := CodeBusy
			if a.compare(own) < 0 {
				code = CodeSuperseded
			}
			wait = &Refusal{Code: code, Text: "Another attempt on the resource began first, or at the same time.", Retry: r.cfg.Times.Visible}
		case a.intent.Plan != r.p.ID || !a.took():
		case a.intent.Phase == PhaseUndo && r.phase == PhaseExecute, a.intent.Phase == r.phase && a.intent.Step >= r.step:
			wait = refuse(CodeSuperseded, "Another attempt did it meanwhile.")
		}
	}
	if wait == nil && r.phase == PhaseUndo && r.overtaken(history) {
		wait = refuse(CodeSuperseded, "Another plan took effect on the resource meanwhile.")
	}
	return mine, wait
}

// call makes the call, once, and finds out what came of it.
func (r *running) call(ctx context.Context, w action.Writer) (Outcome, error) {
	step := r.steps[r.step]
	within, cancel := context.WithTimeout(ctx, r.cfg.Times.Call)
	err := step.Do(within, w)
	cancel()
	// The request may be over; what was done is looked at and written down all the same.
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), r.cfg.Times.Verify+sayTime)
	defer cancel()
	out := Outcome{Plan: r.p.ID, Phase: r.phase, Step: r.step + 1, Steps: len(r.steps), Attempt: r.intent.Attempt}
	if err != nil && !unanswered(err) { //mutant:actions-forgets-unanswered
		r.cfg.Logger.WarnContext(ctx, "the call failed", slog.String("plan", r.p.ID), slog.String("error", err.Error()))
		out.Status, out.Reason, out.Text = StatusFailed, errorCode(err), "AWS refused the call: "+redact.Text(errorText(err))
		_ = r.say(ctx, r.intent.ended(KindFailed, r.now(), out.Reason, out.Text)) // logged, and settled later
		return out, nil
	}
	switch r.verify(ctx, step) {
	case action.Taken:
		return r.took(ctx, out, "", ""), nil
	case action.Underway:
		err = nil
	}
	if err == nil {
		out.Status, out.Reason, out.Text = StatusInProgress, reasonAccepted, "AWS accepted the call; its effect is not there yet."
	} else {
		out.Status, out.Reason, out.Text = StatusUnknown, reasonNoAnswer, "AWS gave no answer; what became of the call is found out by looking."
	}
	_ = r.say(ctx, r.intent.ended(KindUnknown, r.now(), out.Reason, out.Text)) // logged; an intent without an end is settled as well
	return out, nil
}

// took writes down that the call took effect.
func (r *running) took(ctx context.Context, out Outcome, reason, text string) Outcome {
	kind := kindOf(r.phase, r.step, len(r.steps))
	out.Status, out.Reason, out.Text = r.success(), reason, text
	if kind == KindAdvanced {
		out.Status, out.Text = StatusInProgress, "The call took effect; execute the plan again for the next one."
	}
	if r.say(ctx, r.intent.ended(kind, r.now(), out.Reason, out.Text)) != nil {
		// It is done and not on record: the next look records it.
		out.Status, out.Reason, out.Text = StatusUnknown, string(CodeJournalDown), "The call took effect, and the journal could not be written; that is made up for by looking."
	}
	return out
}

// kindOf returns the end of a step that took effect.
func kindOf(phase Phase, step, steps int) Kind {
	switch {
	case step < steps-1:
		return KindAdvanced
	case phase == PhaseUndo:
		return KindUndone
	}
	return KindExecuted
}

// verify looks for a step's effect for a while: what AWS answers may be a little behind.
func (r *running) verify(ctx context.Context, step action.Step) action.Effect {
	until := r.now().Add(r.cfg.Times.Verify)
	for {
		s, err := r.look(ctx, r.action, &r.p.Plan)
		effect := action.Absent
		if err == nil {
			effect = step.Effect(s)
		}
		if effect == action.Taken || r.now().After(until) || r.cfg.Sleep(ctx, r.cfg.Times.Poll) != nil {
			return effect
		}
	}
}

// unanswered reports whether an error leaves open whether the call took effect.
func unanswered(err error) bool {
	var tag *action.TagFailure
	if errors.As(err, &tag) {
		return tag.Unknown()
	}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusInternalServerError {
		return true
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return true
	}
	switch api.ErrorCode() {
	case "RequestTimeout", "RequestTimeoutException", "InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable":
		return true
	}
	return api.ErrorFault() == smithy.FaultServer
}

func errorCode(err error) string {
	var tag *action.TagFailure
	if errors.As(err, &tag) {
		return tag.Code
	}
	return action.Code(err)
}

// errorText returns what AWS says, without the request's ids.
func errorText(err error) string {
	var tag *action.TagFailure
	if errors.As(err, &tag) {
		return tag.Message
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return "no message"
}

// parsed returns an ARN, or nothing if it is none: an event's must be one.
func parsed(arn string) string {
	if _, err := envelope.ParseARN(arn); err != nil {
		return ""
	}
	return arn
}
