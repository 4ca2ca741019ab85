package github_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"polo/envelope"
	"polo/producers"
	"polo/producers/emittertest"
	"polo/producers/github"
	"polo/producers/github/githubtest"
)

const token = "not-a-real-credential"

// inProcess answers requests in the process, with the test's clock.
type inProcess struct{ api http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.api.ServeHTTP(w, r)
	return w.Result(), nil
}

func secretOf(fields map[string]string) github.Secret {
	return func(_ context.Context, names ...string) ([]string, error) {
		var all []string
		for _, name := range names {
			if fields[name] == "" {
				return nil, errors.New("the secret has no text called " + name)
			}
			all = append(all, fields[name])
		}
		return all, nil
	}
}

func config(t *testing.T, text string) github.Config {
	t.Helper()
	cfg, err := github.ParseConfig([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func clients(cfg github.Config, api http.Handler) *github.Clients {
	return github.NewClients(cfg, secretOf(map[string]string{"token": token}), "", inProcess{api})
}

// run runs a collector at a time, over the day before it.
func run(t *testing.T, c producers.Collector, at string) (*emittertest.Recorder, producers.Summary) {
	t.Helper()
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	rec := &emittertest.Recorder{}
	sum, err := producers.Run(t.Context(), producers.RunConfig{
		Collector: c, Emitter: rec, Identity: producers.DefaultIdentity(), Scheduled: when, Window: producers.Window{From: when.AddDate(0, 0, -1), To: when}, Now: func() time.Time { return when.Add(time.Minute) },
	})
	if err != nil {
		t.Fatal(err)
	}
	valid(t, rec.Events)
	return rec, sum
}

// valid checks that each event is, that its type is its key's, and that nothing in it is the credential.
func valid(t *testing.T, events []envelope.ResourceEvent) {
	t.Helper()
	for _, e := range events {
		if err := e.Validate(); err != nil {
			t.Errorf("%v\n%+v", err, e)
		}
		if e.ARN == "" {
			continue
		}
		key, err := envelope.ParseARN(e.ARN)
		if err != nil || key.ResourceType() != e.ResourceType {
			t.Errorf("%s is of type %s, not %s: %v", e.ARN, key.ResourceType(), e.ResourceType, err)
		}
		if text := string(e.AppendJSON(nil)); strings.Contains(text, token) || strings.Contains(text, "ghs_") {
			t.Errorf("a credential: %s", text)
		}
	}
}

func gaps(sum producers.Summary) []string {
	var all []string
	for _, g := range sum.Gaps {
		all = append(all, g.AccountID+" "+g.What+": "+string(g.Reason))
	}
	return all
}

func ids(rec *emittertest.Recorder) []string {
	var all []string
	for _, e := range rec.Events {
		if e.EventType != producers.TypeRunFinished {
			all = append(all, e.EventID.String())
		}
	}
	slices.Sort(all)
	return all
}

func completed(rec *emittertest.Recorder) []string {
	var all []string
	for _, e := range rec.Of(envelope.TypeScanCompleted) {
		text := e.AccountID + " " + e.ResourceType
		if !e.PeriodEnd.IsZero() {
			text += e.TS.Format(time.DateOnly) + "/" + e.PeriodEnd.Format(time.DateOnly)
		}
		all = append(all, text)
	}
	return all
}

var _ http.Handler = (*githubtest.API)(nil)
