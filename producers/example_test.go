package producers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"polo/envelope"
	"polo/internal/account"
	"polo/producers"
)

// beacons reads the beacons of each account from an API that answers
// [{"id":"b1","name":"north","lit":true}, ...].
type beacons struct {
	url string
}

func (beacons) Source() string { return "datadog.beacons" }

// Scopes: this source has no regions.
func (beacons) Scopes(accounts []account.Account, _ []string) []producers.Scope {
	return producers.EachAccount(accounts)
}

func (c beacons) Collect(ctx context.Context, s *producers.Scan) error {
	// The API's documented limit for each account.
	if err := s.Wait(ctx, producers.Rate{Call: "ListBeacons", PerSecond: 2, Burst: 5}); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/accounts/"+s.Account.ID+"/beacons", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("listing beacons: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("listing beacons: %w", status(resp.StatusCode))
	}
	var found []struct {
		ID, Name string
		Lit      bool
		Tags     map[string]string
	}
	if err := json.NewDecoder(resp.Body).Decode(&found); err != nil {
		return fmt.Errorf("listing beacons: %w: %w", producers.ErrInvalidAnswer, err)
	}
	s.Page()
	for _, b := range found {
		arn := envelope.DatadogARN(s.Account.ID, "beacon", b.ID).String()
		state := "dark"
		if b.Lit {
			state = "lit"
		}
		if err := s.Emit(ctx, envelope.ResourceEvent{
			EventID:   envelope.NewEventID("datadog.beacons", s.At, arn), // the same on every run for this time
			EventType: envelope.TypeSnapshot, TS: s.At,
			ARN: arn, Service: "beacons", ResourceType: "datadog:beacon", ResourceID: b.ID, ResourceName: b.Name, State: state,
			Tags: envelope.PairsOf(b.Tags),
		}); err != nil {
			return err
		}
	}
	s.Completed("datadog:beacon") // read to the end: what was not in it is gone
	return nil
}

// status is an HTTP status as an error. The framework derives a gap's reason from
// HTTPStatusCode.
type status int

func (s status) Error() string       { return http.StatusText(int(s)) }
func (s status) HTTPStatusCode() int { return int(s) }

func Example() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/accounts/acme/beacons" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = fmt.Fprint(w, `[{"id":"b1","name":"north","lit":true,"tags":{"customer":"globex"}},{"id":"b2","name":"south","tags":{"Customer":"initech"}}]`)
	}))
	defer api.Close()
	var out recorder // in production, a producers.Publisher
	summary, err := producers.Run(context.Background(), producers.RunConfig{
		Collector: beacons{url: api.URL}, Accounts: []account.Account{{ID: "acme"}, {ID: "hidden"}}, Workers: 1,
		Emitter: &out, Identity: producers.DefaultIdentity(), Scheduled: time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range out.Events {
		if e.ARN != "" {
			fmt.Println(e.EventType, e.ARN, e.State, e.MarqoCustomer)
		}
	}
	fmt.Println("scopes", summary.Scopes, "read", summary.Read, "completions", summary.Completions)
	for _, g := range summary.Gaps {
		fmt.Println("gap", g.AccountID, g.Reason)
	}
	// Output:
	// resource.snapshot datadog:org/acme/beacon/b1 lit globex
	// resource.snapshot datadog:org/acme/beacon/b2 dark initech
	// scopes 2 read 1 completions 1
	// gap hidden denied
}
