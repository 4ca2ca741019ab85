package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"polo/actions"
	"polo/actions/access"
	"polo/actions/access/accesstest"
	"polo/actions/actionstest"
	"polo/actions/web"
	"polo/internal/environment/environmenttest"
	"polo/internal/telemetry"
)

var update = flag.Bool("update", false, "rewrite docs/CONFIG.md")

func TestEnvironmentIsDocumented(t *testing.T) {
	environmenttest.Document(t, "../../docs/CONFIG.md", "The function of actions", environ{}, *update)
}

func env(change map[string]string) func(string) string {
	key := base64.StdEncoding.EncodeToString(make([]byte, ed25519.PublicKeySize))
	all := map[string]string{
		"POLO_ENV": "prod", "POLO_ACTIONS_SECRET": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x", "POLO_QUEUE": "q", "POLO_DLQ": "d",
		"POLO_CLICKHOUSE_ADDR": "h:9440", "POLO_CLICKHOUSE_USER": "u",
		"POLO_ACTIONS": `{"enabled":true,"allow":[{"action":"stop_instance","accounts":["111122223333"],"environments":["staging"]}],"kill_switch":"/polo/actions",
			"access":{"team":"https://t.cloudflareaccess.com","audience":"a","max_age":"10m"},"worker_keys":{"w1":"` + key + `"},"mac_keys":["k1"],"second_person_above":{"amount":"500","currency":"USD"}}`,
	}
	for k, v := range change {
		all[k] = v
	}
	return func(name string) string { return all[name] }
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s, err := readSettings(env(nil))
	if err != nil {
		t.Fatal(err)
	}
	if s.ReadRole != "prod-PoloReadRole" || s.ActionRole != "prod-polo-action-role" || !s.sequential || !s.settings.Enabled || s.settings.Limits.Hour != 10 || s.access.MaxAge != 10*time.Minute {
		t.Errorf("%+v", s)
	}
	for name, change := range map[string]map[string]string{
		"POLO_ACTIONS:":           {"POLO_ACTIONS": `{"enable":true}`},
		"kill_switch":             {"POLO_ACTIONS": `{"enabled":true}`},
		"the team":                {"POLO_ACTIONS": `{"enabled":true}`},
		"mac_keys":                {"POLO_ACTIONS": `{}`},
		"no action is called":     {"POLO_ACTIONS": `{"allow":[{"action":"x","accounts":["1"],"environments":["y"]}]}`},
		"limits.hour":             {"POLO_ACTIONS": `{"limits":{"hour":11}}`},
		"follows":                 {"POLO_ACTIONS": `{} {"enabled":true}`},
		"POLO_CLICKHOUSE_TARGET:": {"POLO_CLICKHOUSE_TARGET": "cluster"},
		"POLO_ACTIONS_SECRET:":    {"POLO_ACTIONS_SECRET": `{"mac_k1":"hidden"}`},
		"POLO_ACTION_ROLE:":       {"POLO_ENV": ""},
		"POLO_QUEUE":              {"POLO_QUEUE": ""},
	} {
		if _, err := readSettings(env(change)); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ssmParameter is a kill switch's parameter.
type ssmParameter struct {
	value string
	err   error
}

func (p *ssmParameter) GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	return &ssm.GetParameterOutput{Parameter: &types.Parameter{Value: aws.String(p.value)}}, p.err
}

// Only "on" is on, and it is read each time.
func TestKillSwitch(t *testing.T) {
	t.Parallel()
	p := &ssmParameter{}
	alive := killSwitch(p, "/polo/actions")
	for value, want := range map[string]bool{"on": true, " on\n": true, "off": false, "": false, "ON": false, "true": false} {
		p.value, p.err = value, nil
		if got := alive(t.Context()) == nil; got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
	p.value, p.err = "on", errors.New("AccessDenied")
	if alive(t.Context()) == nil {
		t.Error("a switch that cannot be read is on")
	}
}

// A request of the function URL is answered as the handler says, and the schedule sweeps.
func TestInvocations(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	team := accesstest.NewTeam(t)
	public, private := accesstest.Keys(t)
	v, err := access.New(access.Config{Team: team.URL, Audience: accesstest.Audience, Keys: map[string]ed25519.PublicKey{"w1": public}, Now: w.Now})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	h := &handler{
		web: &web.Handler{Engine: w.Engine, Access: v, Logger: slog.New(slog.DiscardHandler)}, engine: w.Engine,
		metrics: telemetry.NewMetrics(&out, w.Now), log: slog.New(slog.DiscardHandler),
	}
	invoke := func(body string, encoded bool, change func(*events.LambdaFunctionURLRequest)) (events.LambdaFunctionURLResponse, web.Answer) {
		r := httptest.NewRequest(http.MethodPost, "/plan", nil)
		access.Sign(r, []byte(body), team.Person(t, "ada@example.com", w.Now()), "w1", private, w.Now())
		in := events.LambdaFunctionURLRequest{RawPath: "/plan", Headers: map[string]string{}, Body: body, IsBase64Encoded: encoded}
		if encoded {
			in.Body = base64.StdEncoding.EncodeToString([]byte(body))
		}
		in.RequestContext.HTTP.Method = http.MethodPost
		for name := range r.Header {
			in.Headers[strings.ToLower(name)] = r.Header.Get(name)
		}
		if change != nil {
			change(&in)
		}
		payload, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.handle(t.Context(), payload)
		if err != nil {
			t.Fatal(err)
		}
		response, ok := got.(events.LambdaFunctionURLResponse)
		if !ok {
			t.Fatalf("%T", got)
		}
		var a web.Answer
		if err := json.Unmarshal([]byte(response.Body), &a); err != nil {
			t.Fatal(err)
		}
		return response, a
	}
	ask, err := json.Marshal(actionstest.Case("stop_instance"))
	if err != nil {
		t.Fatal(err)
	}
	for _, encoded := range []bool{false, true} {
		r, a := invoke(string(ask), encoded, nil)
		if r.StatusCode != http.StatusOK || a.Planned == nil || a.Planned.Plan.Action != "stop_instance" || r.Headers["Content-Type"] != "application/json" {
			t.Errorf("%+v", r)
		}
	}
	for name, change := range map[string]func(*events.LambdaFunctionURLRequest){
		"another path":  func(in *events.LambdaFunctionURLRequest) { in.RawPath = "/execute" },
		"a query":       func(in *events.LambdaFunctionURLRequest) { in.RawQueryString = "a=b" },
		"a sweep":       func(in *events.LambdaFunctionURLRequest) { in.Body = `{"sweep":true}` },
		"no path":       func(in *events.LambdaFunctionURLRequest) { in.RawPath = "" },
		"two values":    func(in *events.LambdaFunctionURLRequest) { in.Headers["polo-nonce"] += ",x" },
		"broken base64": func(in *events.LambdaFunctionURLRequest) { in.IsBase64Encoded = true },
	} {
		if r, a := invoke(string(ask), false, change); r.StatusCode < 400 || a.Error == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
	p, approvals := w.Planned(t, actionstest.Case("stop_instance"))
	if _, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals); err != nil {
		t.Fatal(err)
	}
	got, err := h.handle(t.Context(), json.RawMessage(`{"sweep":true}`))
	if want := (actions.Swept{Confirmed: 1}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if !strings.Contains(out.String(), `"ActionsConfirmed":1`) {
		t.Error(out.String())
	}
	for _, payload := range []string{`{}`, `[]`, `{"sweep":false}`} {
		if got, err := h.handle(t.Context(), json.RawMessage(payload)); !errors.Is(err, errInvocation) {
			t.Errorf("%s: %v, %v", payload, fmt.Sprint(got), err)
		}
	}
}
