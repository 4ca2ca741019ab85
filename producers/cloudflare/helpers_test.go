package cloudflare_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"polo/envelope"
	"polo/internal/httpsource"
	"polo/producers"
	"polo/producers/cloudflare"
	"polo/producers/cloudflare/cloudflaretest"
	"polo/producers/emittertest"
)

const (
	token = "the api token"
	acme  = "0000000000000000000000000000aaaa"
	other = "0000000000000000000000000000bbbb"
	shop  = "11111111111111111111111111111111"
	blog  = "22222222222222222222222222222222"
)

func when(t *testing.T, text string) time.Time {
	t.Helper()
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at
		}
	}
	t.Fatalf("%q is no time", text)
	return time.Time{}
}

// makers are the collectors by source.
func makers() map[string]func(cloudflare.Config, *httpsource.Client) producers.Collector {
	return map[string]func(cloudflare.Config, *httpsource.Client) producers.Collector{
		"billing": func(c cloudflare.Config, k *httpsource.Client) producers.Collector {
			return cloudflare.NewBilling(c, k)
		},
		"inventory": func(c cloudflare.Config, k *httpsource.Client) producers.Collector {
			return cloudflare.NewInventory(c, k)
		},
		"audit": func(c cloudflare.Config, k *httpsource.Client) producers.Collector { return cloudflare.NewAudit(c, k) },
	}
}

// collect runs a collector at a time, over the 30 days before.
func collect(t *testing.T, api http.RoundTripper, source, setting, at string) (*emittertest.Recorder, producers.Summary) {
	t.Helper()
	return collectFor(t.Context(), t, api, source, setting, at)
}

func collectFor(ctx context.Context, t *testing.T, api http.RoundTripper, source, setting, at string) (*emittertest.Recorder, producers.Summary) {
	t.Helper()
	moment := when(t, at)
	cfg, err := cloudflare.ParseConfig([]byte(setting))
	if err != nil {
		t.Fatal(err)
	}
	client, err := cloudflare.NewClient(func(context.Context) (string, error) { return token, nil }, 1, "", api)
	if err != nil {
		t.Fatal(err)
	}
	rec := &emittertest.Recorder{}
	sum, err := producers.Run(ctx, producers.RunConfig{
		Collector: makers()[source](cfg, client), Emitter: rec, Scheduled: moment, Window: producers.Window{From: moment.AddDate(0, 0, -30), To: moment},
		Now: func() time.Time { return moment.Add(time.Minute) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rec.Events {
		if err := rec.Events[i].Validate(); err != nil {
			t.Errorf("%s: %v", rec.Events[i].ARN, err)
		}
		checkKey(t, &rec.Events[i])
	}
	if len(rec.Failures) > 0 {
		t.Errorf("failures %+v", rec.Failures)
	}
	return rec, sum
}

// checkKey checks that an event's type is that of its key.
func checkKey(t *testing.T, e *envelope.ResourceEvent) {
	t.Helper()
	if e.ARN == "" {
		return
	}
	arn, err := envelope.ParseARN(e.ARN)
	if err != nil || arn.ResourceType() != e.ResourceType || arn.Platform != "cloudflare" {
		t.Errorf("%s is a %s, and not a %s: %v", e.ARN, arn.ResourceType(), e.ResourceType, err)
	}
}

const one = `{"accounts":["` + acme + `"]}`

func newAPI(accounts ...string) *cloudflaretest.API {
	api := cloudflaretest.New(token)
	for _, id := range accounts {
		api.AddAccount(id, "Acme "+id[28:])
	}
	return api
}

// texts are the events as text, in order.
func texts(events []envelope.ResourceEvent, text func(*envelope.ResourceEvent) string) []string {
	var all []string
	for i := range events {
		all = append(all, text(&events[i]))
	}
	slices.Sort(all)
	return all
}

func costs(rec *emittertest.Recorder) []string {
	return texts(rec.Of(envelope.TypeCostAccrued), func(e *envelope.ResourceEvent) string {
		return fmt.Sprintf("%s/%s %s %s %s %s", e.TS.Format("01-02"), e.PeriodEnd.Format("01-02"), e.Service, strings.TrimPrefix(e.ARN, "cloudflare:"), e.CostAmount.Decimal, e.Currency)
	})
}

func completions(rec *emittertest.Recorder) []string {
	return texts(rec.Of(envelope.TypeScanCompleted), func(e *envelope.ResourceEvent) string {
		if e.ResourceType != "" {
			return e.AccountID[28:] + " " + e.ResourceType
		}
		return e.AccountID[28:] + " " + e.TS.Format("01-02") + "/" + e.PeriodEnd.Format("01-02")
	})
}

func gaps(sum producers.Summary) []string {
	var all []string
	for _, g := range sum.Gaps {
		all = append(all, strings.TrimSpace(g.What+" "+string(g.Reason)+" "+g.Code))
	}
	return all
}

func ids(rec *emittertest.Recorder) []string {
	return texts(rec.Events, func(e *envelope.ResourceEvent) string { return e.EventID.String() })
}
