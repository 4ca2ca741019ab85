package actions

import (
	"fmt"
	"time"
)

// A Code says why something was refused. Each refusal has one of its own.
type Code string

// Codes of refusals. docs/ACTIONS.md says what each means.
const (
	CodeOff             Code = "off"
	CodeKilled          Code = "killed"
	CodeUnknownAction   Code = "unknown_action"
	CodeBadTarget       Code = "bad_target"
	CodeUnknownResource Code = "unknown_resource"
	CodeNotAllowed      Code = "not_allowed"
	CodeWrongRule       Code = "wrong_rule"
	CodeNoViolation     Code = "no_open_violation"
	CodeStaleScan       Code = "stale_scan"
	CodeProtected       Code = "protected"
	CodeNotApplicable   Code = "not_applicable"
	CodeSecretInState   Code = "secret_in_state"
	CodeBadPlan         Code = "bad_plan"
	CodeExpired         Code = "expired"
	CodeBadApproval     Code = "bad_approval"
	CodeSamePerson      Code = "same_person"
	CodeNeedsSecond     Code = "needs_second_person"
	CodeChanged         Code = "precondition_changed"
	CodeNotReady        Code = "not_ready"
	CodeNoUndo          Code = "no_undo"
	CodeNothingToUndo   Code = "nothing_to_undo"
	CodeUndone          Code = "undone"
	CodeBusy            Code = "resource_busy"
	CodeInDoubt         Code = "in_doubt"
	CodeHourLimit       Code = "limit_hour"
	CodeAccountLimit    Code = "limit_account"
	CodeTypeLimit       Code = "limit_type"
	CodePlansLimit      Code = "limit_plans"
	CodeReplayed        Code = "replayed"
	CodeTooLate         Code = "too_late"
	CodeSuperseded      Code = "superseded"
	CodeJournalDown     Code = "journal_unavailable"
	CodeJournalBehind   Code = "journal_behind"
	CodeEvidenceDown    Code = "evidence_unavailable"
	CodeCannotLook      Code = "cannot_look"
	CodeNoSession       Code = "no_session"
)

// A Refusal is why something was not done. Nothing was written to a cloud.
type Refusal struct {
	Code Code
	// Text is for people, and has no secret.
	Text string
	// Retry is when to try again; zero if that is of no use.
	Retry time.Duration
	// Err is the cause, for the log.
	Err error
}

// Error implements error.
func (r *Refusal) Error() string {
	if r.Err != nil {
		return fmt.Sprintf("%s: %s: %v", r.Code, r.Text, r.Err)
	}
	return fmt.Sprintf("%s: %s", r.Code, r.Text)
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

func refuse(code Code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Text: fmt.Sprintf(format, args...)}
}

func refuseBy(code Code, err error, text string) *Refusal {
	return &Refusal{Code: code, Text: text, Err: err}
}
