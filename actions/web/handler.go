// Package web is the HTTP interface of actions, behind a function URL. docs/ACTIONS.md is its
// contract.
package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"polo/actions"
	"polo/actions/access"
	"polo/internal/redact"
)

// maxBody bounds a request, in bytes: a plan and some approvals.
const maxBody = 512 << 10

// Handler answers requests. Nothing is done for a caller that has not proved who it is.
type Handler struct {
	Engine *actions.Engine
	Access *access.Verifier
	Logger *slog.Logger
	// NewID returns a request's id; nil is actions.NewID.
	NewID func() string
}

// Error is the body of every answer that is no success.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	// RetryAfter is in seconds; 0 if a repetition is of no use.
	RetryAfter int `json:"retry_after,omitempty"`
}

// Answer is the body of an answer: an error, or what was asked for.
type Answer struct {
	RequestID string             `json:"request_id"`
	Error     *Error             `json:"error,omitempty"`
	Planned   *actions.Planned   `json:"planned,omitempty"`
	Approval  string             `json:"approval,omitempty"`
	Approved  *actions.Approval  `json:"approved,omitempty"`
	Outcome   *actions.Outcome   `json:"outcome,omitempty"`
	Catalogue *actions.Catalogue `json:"catalogue,omitempty"`
}

// Run is the body of a request to execute or undo a plan.
type Run struct {
	Plan      string   `json:"plan"`
	Approvals []string `json:"approvals"`
}

// Approve is the body of a request to approve a plan.
type Approve struct {
	Plan string        `json:"plan"`
	For  actions.Phase `json:"for"`
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := actions.NewID()
	if h.NewID != nil {
		id = h.NewID()
	}
	began := time.Now()
	status, answer := h.answer(r, id)
	answer.RequestID = id
	code := "ok"
	switch {
	case answer.Error != nil:
		code = answer.Error.Code
	case answer.Outcome != nil:
		code = string(answer.Outcome.Status)
	}
	h.Logger.InfoContext(r.Context(), "answered", slog.String("request", id), slog.String("path", redact.Text(r.URL.Path)), slog.Int("status", status),
		slog.String("code", code), slog.Duration("took", time.Since(began)))
	body, err := json.Marshal(answer)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":{"code":"internal","message":"The answer cannot be written."}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("X-Request-Id", id)
	if answer.Error != nil && answer.Error.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(answer.Error.RetryAfter))
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller that has gone needs none
}

func (h *Handler) answer(r *http.Request, id string) (int, Answer) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return fault(http.StatusRequestEntityTooLarge, "too_large", "The request is too large, or ended early.")
	}
	who, err := h.Access.Verify(r.Context(), r, body)
	if err != nil {
		return h.unauthenticated(r.Context(), id, err)
	}
	c := actions.Caller{Person: actions.Person{Email: who.Email, Subject: who.Subject}, Request: id, Nonce: who.Nonce}
	method, serve := h.route(r.URL.Path)
	switch {
	case serve == nil:
		return fault(http.StatusNotFound, "no_such_path", "There is nothing at this path.")
	case r.Method != method:
		return fault(http.StatusMethodNotAllowed, "method", "The path takes "+method+" alone.")
	}
	status, answer, err := serve(r.Context(), c, body)
	if err != nil {
		return h.refused(r.Context(), id, err)
	}
	return status, answer
}

type serve func(ctx context.Context, c actions.Caller, body []byte) (int, Answer, error)

// route returns the method of a path, and what serves it.
func (h *Handler) route(path string) (string, serve) {
	switch path {
	case "/actions":
		return http.MethodGet, func(ctx context.Context, _ actions.Caller, _ []byte) (int, Answer, error) {
			c := h.Engine.Catalogue(ctx)
			return http.StatusOK, Answer{Catalogue: &c}, nil
		}
	case "/plan":
		return http.MethodPost, func(ctx context.Context, c actions.Caller, body []byte) (int, Answer, error) {
			var ask actions.Ask
			if err := read(body, &ask); err != nil {
				return 0, Answer{}, err
			}
			p, err := h.Engine.Plan(ctx, c, ask)
			return http.StatusOK, Answer{Planned: &p}, err
		}
	case "/approve":
		return http.MethodPost, func(ctx context.Context, c actions.Caller, body []byte) (int, Answer, error) {
			var in Approve
			if err := read(body, &in); err != nil {
				return 0, Answer{}, err
			}
			if in.For != actions.PhaseExecute && in.For != actions.PhaseUndo {
				return 0, Answer{}, &badRequest{`"for" is neither "execute" nor "undo".`}
			}
			text, a, err := h.Engine.Approve(ctx, c, in.Plan, in.For)
			return http.StatusOK, Answer{Approval: text, Approved: &a}, err
		}
	case "/execute":
		return http.MethodPost, run(h.Engine.Execute)
	case "/undo":
		return http.MethodPost, run(h.Engine.Undo)
	}
	return "", nil
}

// run serves an execution or an undo.
func run(do func(context.Context, actions.Caller, string, []string) (actions.Outcome, error)) serve {
	return func(ctx context.Context, c actions.Caller, body []byte) (int, Answer, error) {
		var in Run
		if err := read(body, &in); err != nil {
			return 0, Answer{}, err
		}
		out, err := do(ctx, c, in.Plan, in.Approvals)
		return statusOf(out.Status), Answer{Outcome: &out}, err
	}
}

// statusOf returns the HTTP status of an outcome: only what was done is a success.
func statusOf(s actions.Status) int {
	switch s {
	case actions.StatusExecuted, actions.StatusUndone:
		return http.StatusOK
	case actions.StatusInProgress, actions.StatusUnknown:
		return http.StatusAccepted
	}
	return http.StatusBadGateway
}

// badRequest is what is wrong with a body.
type badRequest struct{ text string }

// Error implements error.
func (e *badRequest) Error() string { return e.text }

// read decodes a body. Members that are not known are refused: they would be ignored.
func read(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return &badRequest{"The body is not the JSON object that the path takes."}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &badRequest{"Something follows the JSON object."}
	}
	return nil
}

func fault(status int, code, message string) (int, Answer) {
	return status, Answer{Error: &Error{Code: code, Message: message}}
}

func (h *Handler) unauthenticated(ctx context.Context, id string, err error) (int, Answer) {
	h.Logger.WarnContext(ctx, "not authenticated", slog.String("request", id), slog.String("error", err.Error()))
	var r *access.Refusal
	if !errors.As(err, &r) {
		return fault(http.StatusInternalServerError, "internal", "Who calls cannot be told.")
	}
	status := http.StatusUnauthorized
	if r.Code == access.CodeNoKeys {
		status = http.StatusServiceUnavailable
	}
	return fault(status, string(r.Code), r.Text)
}

func (h *Handler) refused(ctx context.Context, id string, err error) (int, Answer) {
	var bad *badRequest
	if errors.As(err, &bad) {
		return fault(http.StatusBadRequest, "bad_request", bad.text)
	}
	var r *actions.Refusal
	if !errors.As(err, &r) {
		h.Logger.ErrorContext(ctx, "failed", slog.String("request", id), slog.String("error", err.Error()))
		return fault(http.StatusInternalServerError, "internal", "It failed; the log has the request's id.")
	}
	if r.Err != nil {
		h.Logger.WarnContext(ctx, "refused", slog.String("request", id), slog.String("code", string(r.Code)), slog.String("error", r.Err.Error()))
	}
	return refusalStatus(r.Code), Answer{Error: &Error{Code: string(r.Code), Message: r.Text, RetryAfter: int(r.Retry.Seconds())}}
}

func refusalStatus(c actions.Code) int {
	switch c {
	case actions.CodeUnknownAction, actions.CodeBadTarget, actions.CodeBadPlan, actions.CodeBadApproval:
		return http.StatusBadRequest
	case actions.CodeOff, actions.CodeKilled, actions.CodeNotAllowed, actions.CodeProtected, actions.CodeSamePerson, actions.CodeNeedsSecond:
		return http.StatusForbidden
	case actions.CodeUnknownResource:
		return http.StatusNotFound
	case actions.CodeExpired:
		return http.StatusGone
	case actions.CodeHourLimit, actions.CodeAccountLimit, actions.CodeTypeLimit, actions.CodePlansLimit:
		return http.StatusTooManyRequests
	case actions.CodeJournalDown, actions.CodeJournalBehind, actions.CodeEvidenceDown, actions.CodeCannotLook, actions.CodeNoSession, actions.CodeTooLate:
		return http.StatusServiceUnavailable
	}
	return http.StatusConflict
}
