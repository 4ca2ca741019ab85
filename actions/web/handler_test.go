package web_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"polo/actions"
	"polo/actions/access"
	"polo/actions/access/accesstest"
	"polo/actions/actionstest"
	"polo/actions/web"
)

// site is a handler over a world.
type site struct {
	*actionstest.World
	team    *accesstest.Team
	key     ed25519.PrivateKey
	handler *web.Handler
	log     *bytes.Buffer
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{World: actionstest.NewWorld(t), team: accesstest.NewTeam(t), log: &bytes.Buffer{}}
	var public ed25519.PublicKey
	public, s.key = accesstest.Keys(t)
	v, err := access.New(access.Config{Team: s.team.URL, Audience: accesstest.Audience, Keys: map[string]ed25519.PublicKey{"w1": public}, Now: s.Now})
	if err != nil {
		t.Fatal(err)
	}
	s.handler = &web.Handler{Engine: s.Engine, Access: v, Logger: slog.New(slog.NewJSONHandler(s.log, nil))}
	return s
}

// send sends a request, signed and with a person's token, and checks the answer's form.
func (s *site) send(t *testing.T, email, method, path string, body any) (int, web.Answer) {
	t.Helper()
	text, isText := body.(string)
	if !isText && body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(text))
	access.Sign(r, []byte(text), s.team.Person(t, email, s.Now()), "w1", s.key, s.Now())
	return s.serve(t, r)
}

func (s *site) serve(t *testing.T, r *http.Request) (int, web.Answer) {
	t.Helper()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	var a web.Answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	if a.RequestID == "" || w.Header().Get("X-Request-Id") != a.RequestID || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%s, %v", a.RequestID, w.Header())
	}
	if (w.Code < 300) != (a.Error == nil && (a.Outcome == nil || a.Outcome.Status != actions.StatusFailed)) {
		t.Errorf("status %d with the error %+v, outcome %+v", w.Code, a.Error, a.Outcome)
	}
	return w.Code, a
}

const (
	ada   = "ada@example.com"
	grace = "grace@example.com"
)

// From a plan to its undo, over HTTP.
func TestFlow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	status, a := s.send(t, ada, http.MethodGet, "/actions", nil)
	if status != http.StatusOK || len(a.Catalogue.Actions) != 10 || !a.Catalogue.Enabled || !a.Catalogue.Alive || len(a.Catalogue.Actions[0].Allowed) != 1 {
		t.Errorf("%d %+v", status, a.Catalogue)
	}
	ask := actionstest.Case("revoke_open_ingress")
	s.Know(ask.ARN, ask.Rule, "production")
	status, a = s.send(t, ada, http.MethodPost, "/plan", ask)
	if status != http.StatusOK || a.Planned.Sealed == "" || a.Planned.Plan.AskedBy.Email != ada || len(a.Planned.Plan.SecondPerson) != 1 {
		t.Fatalf("%d %+v", status, a)
	}
	plan := a.Planned.Sealed
	run := func(email, path string, approvals ...string) (int, web.Answer) {
		return s.send(t, email, http.MethodPost, path, web.Run{Plan: plan, Approvals: approvals})
	}
	if status, a = run(ada, "/execute"); status != http.StatusForbidden || a.Error.Code != "needs_second_person" {
		t.Errorf("%d %+v", status, a.Error)
	}
	approve := func(email string, phase actions.Phase) (int, web.Answer) {
		return s.send(t, email, http.MethodPost, "/approve", web.Approve{Plan: plan, For: phase})
	}
	if status, a = approve("ADA@example.com", actions.PhaseExecute); status != http.StatusForbidden || a.Error.Code != "same_person" {
		t.Errorf("%d %+v", status, a.Error)
	}
	if status, a = approve(grace, actions.PhaseExecute); status != http.StatusOK || a.Approved.By.Email != grace {
		t.Fatalf("%d %+v", status, a)
	}
	for range 2 {
		status, out := run(ada, "/execute", a.Approval)
		if status != http.StatusOK || out.Outcome.Status != actions.StatusExecuted {
			t.Fatalf("%d %+v", status, out)
		}
	}
	if _, a = approve(grace, actions.PhaseUndo); a.Approval == "" {
		t.Fatalf("%+v", a)
	}
	if status, a = run(ada, "/undo", a.Approval); status != http.StatusOK || a.Outcome.Status != actions.StatusUndone {
		t.Fatalf("%d %+v", status, a)
	}
	if len(s.AWS.Writes()) != 2 || s.AWS.Writes()[0].Session.Person != ada {
		t.Errorf("%+v", s.AWS.Writes())
	}
	for _, secret := range []string{plan, a.Approval, "eyJ"} {
		if secret != "" && strings.Contains(s.log.String(), secret) {
			t.Errorf("the log has %s", secret)
		}
	}
}

// Nobody gets anything without both proofs, and a request is taken once.
func TestUnauthenticated(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/plan", "/approve", "/execute", "/undo", "/actions", "/"} {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}"))
		if status, a := s.serve(t, r); status != http.StatusUnauthorized || a.Error.Code != "token_missing" || a.Catalogue != nil {
			t.Errorf("%s: %d %+v", path, status, a)
		}
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}"))
		r.Header.Set(access.HeaderToken, s.team.Person(t, ada, s.Now()))
		if status, a := s.serve(t, r); status != http.StatusUnauthorized || a.Error.Code != "signature_missing" {
			t.Errorf("%s: %d %+v", path, status, a)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/actions", nil)
	access.Sign(r, nil, s.team.Person(t, ada, s.Now()), "w1", s.key, s.Now())
	if status, _ := s.serve(t, r); status != http.StatusOK {
		t.Error(status)
	}
	if status, a := s.serve(t, r); status != http.StatusUnauthorized || a.Error.Code != "nonce_reused" {
		t.Errorf("%d %+v", status, a.Error)
	}
	s.team.Down.Store(true)
}

// What is wrong with a request is told with a code of its own.
func TestRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tc := range []struct {
		method, path string
		body         any
		status       int
		code         string
	}{
		{http.MethodPost, "/nothing", "{}", http.StatusNotFound, "no_such_path"},
		{http.MethodGet, "/plan", nil, http.StatusMethodNotAllowed, "method"},
		{http.MethodPost, "/actions", "{}", http.StatusMethodNotAllowed, "method"},
		{http.MethodPost, "/plan", "", http.StatusBadRequest, "bad_request"},
		{http.MethodPost, "/plan", "{} {}", http.StatusBadRequest, "bad_request"},
		{http.MethodPost, "/plan", `{"action":"stop_instance","force":true}`, http.StatusBadRequest, "bad_request"},
		{http.MethodPost, "/plan", strings.Repeat(" ", 600<<10), http.StatusRequestEntityTooLarge, "too_large"},
		{http.MethodPost, "/plan", `{"action":"x"}`, http.StatusBadRequest, "unknown_action"},
		{http.MethodPost, "/plan", `{"action":"stop_instance","arn":"x"}`, http.StatusNotFound, "unknown_resource"},
		{http.MethodPost, "/approve", `{"plan":"x","for":"all"}`, http.StatusBadRequest, "bad_request"},
		{http.MethodPost, "/approve", `{"plan":"x","for":"undo"}`, http.StatusBadRequest, "bad_plan"},
		{http.MethodPost, "/execute", `{"plan":"x"}`, http.StatusBadRequest, "bad_plan"},
		{http.MethodPost, "/undo", `{"plan":"x"}`, http.StatusBadRequest, "bad_plan"},
	} {
		t.Run(fmt.Sprint(tc.method, tc.path, tc.code), func(t *testing.T) {
			status, a := s.send(t, ada, tc.method, tc.path, tc.body)
			if status != tc.status || a.Error == nil || a.Error.Code != tc.code || a.Error.Message == "" {
				t.Errorf("%d %+v", status, a.Error)
			}
		})
	}
}

// An outcome that is no success has no status of one.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for fault, want := range map[actionstest.Fault]int{
		actionstest.None: http.StatusOK, actionstest.Silent: http.StatusOK, actionstest.Refused: http.StatusBadGateway, actionstest.Lost: http.StatusAccepted,
	} {
		s := newSite(t)
		_, a := s.send(t, ada, http.MethodPost, "/plan", actionstest.Case("stop_instance"))
		s.AWS.Fault = func(op string) actionstest.Fault {
			if op == "StopInstances" {
				return fault
			}
			return actionstest.None
		}
		if status, out := s.send(t, ada, http.MethodPost, "/execute", web.Run{Plan: a.Planned.Sealed}); status != want {
			t.Errorf("fault %d: status %d, %+v", fault, status, out.Outcome)
		}
	}
	s := newSite(t)
	_, a := s.send(t, ada, http.MethodPost, "/plan", actionstest.Case("stop_instance"))
	s.Journal.Err = func(string) error { return http.ErrServerClosed }
	if status, out := s.send(t, ada, http.MethodPost, "/execute", web.Run{Plan: a.Planned.Sealed}); status != http.StatusServiceUnavailable || out.Error.RetryAfter == 0 {
		t.Errorf("%d %+v", status, out.Error)
	}
}
