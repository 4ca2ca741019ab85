package datadog_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"polo/envelope"
	accounts "polo/internal/account"
	"polo/producers"
	"polo/producers/datadog"
	"polo/producers/emittertest"
	"polo/producers/exchange"
)

// asked is an exchange with an address, "GET https://...".
func asked(t *testing.T, request string, status int, body string) exchange.Exchange {
	t.Helper()
	method, address, _ := strings.Cut(request, " ")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return exchange.Exchange{Method: method, URL: u, Status: status, Body: []byte(body)}
}

func bare(body string) exchange.Exchange {
	return exchange.Exchange{Status: http.StatusOK, Body: []byte(body)}
}

// outcome is what the exchanges of one file come to.
type outcome struct {
	*emittertest.Recorder
	gaps []producers.Gap
	left []exchange.Left
	took time.Duration
}

// read has each source read the exchanges that it knows. Every exchange must be known to one source.
func read(t *testing.T, payer string, all ...exchange.Exchange) outcome {
	t.Helper()
	o := outcome{Recorder: &emittertest.Recorder{}}
	known := 0
	for _, src := range datadog.Registrations() {
		var mine []exchange.Exchange
		for i := range all {
			if src.Recorded.Knows(&all[i]) {
				mine = append(mine, all[i])
			}
		}
		known += len(mine)
		if len(mine) == 0 {
			continue
		}
		var given []accounts.Account
		if payer != "" {
			given = []accounts.Account{{ID: payer}}
		}
		c := src.Recorded.New(mine, func(l exchange.Left) { o.left = append(o.left, l) })
		if c.Source() != src.Name {
			t.Errorf("%s reads as %s", src.Name, c.Source())
		}
		at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		sum, err := producers.Run(t.Context(), producers.RunConfig{
			Collector: c, Accounts: given, Emitter: o.Recorder, Scheduled: at, Recorded: true, Now: func() time.Time { return at },
		})
		if err != nil {
			t.Fatal(err)
		}
		o.gaps = append(o.gaps, sum.Gaps...)
	}
	if known != len(all) {
		t.Errorf("%d of %d exchanges are known to a source", known, len(all))
	}
	for _, e := range o.Events {
		if err := e.Validate(); err != nil {
			t.Errorf("%s %s: %v", e.Source, e.EventType, err)
		}
	}
	return o
}

func (o outcome) facts() []envelope.ResourceEvent {
	return slices.DeleteFunc(slices.Clone(o.Events), func(e envelope.ResourceEvent) bool {
		return strings.HasPrefix(e.EventType, "scan.") || e.EventType == "run.finished"
	})
}

// whys are the reasons for what was left out.
func (o outcome) whys() []string {
	var all []string
	for _, l := range o.left {
		all = append(all, fmt.Sprintf("%s: %s %d", l.Call, l.Why, l.Count))
	}
	slices.Sort(all)
	return all
}

// Each real exchange becomes events, or has a reason.
func TestRealExchanges(t *testing.T) {
	t.Parallel()
	root := os.Getenv("POLO_REAL_DATA")
	if root == "" {
		t.Skip("POLO_REAL_DATA is not set: no real exchanges of Datadog")
	}
	files, err := filepath.Glob(filepath.Join(root, "datadog/api_recordings/*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var recorded []struct {
			Request  struct{ Method, URL string }
			Response struct {
				Code int
				Body string
			}
		}
		if err := json.Unmarshal(text, &recorded); err != nil {
			t.Fatal(err)
		}
		for _, r := range recorded {
			e := asked(t, r.Request.Method+" "+r.Request.URL, r.Response.Code, r.Response.Body)
			o := read(t, "", e)
			if len(o.facts())+len(o.left) == 0 {
				t.Errorf("%s: neither events nor a reason; gaps %v", filepath.Base(file), o.gaps)
			}
			t.Logf("%s: %d events, left %v, gaps %v", filepath.Base(file), len(o.facts()), o.whys(), o.gaps)
			if facts := o.facts(); len(facts) > 0 {
				t.Logf("  %s", facts[0].AppendJSON(nil))
			}
			secrets(t, o, "AWSAccessKeyId", "Signature", "x-amz-security-token")
			if e.Status == http.StatusOK && string(e.Body) != "{\"data\":[]}\n" {
				b := read(t, "", bare(string(e.Body)))
				if len(b.facts())+len(b.left) == 0 {
					t.Errorf("%s, bare: neither events nor a reason; gaps %v", filepath.Base(file), b.gaps)
				}
			}
		}
	}
}

// secrets fails if a text is in what came of a run.
func secrets(t *testing.T, o outcome, texts ...string) {
	t.Helper()
	all := fmt.Append(nil, o.gaps, o.left)
	for i := range o.Events {
		all = o.Events[i].AppendJSON(all)
	}
	for _, f := range o.Failures {
		all = append(append(all, f.Body...), f.Err...)
	}
	for _, text := range texts {
		if bytes.Contains(all, []byte(text)) {
			t.Errorf("%q is kept", text)
		}
	}
}
