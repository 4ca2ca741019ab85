package datadog

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"polo/internal/httpsource"
)

// Keys returns the credentials of an organisation, and is asked for every request. The
// application key needs the scopes usage_read and billing_read; for InventorySource
// hosts_read, monitors_read, dashboards_read and synthetics_read; for AuditSource
// audit_logs_read.
type Keys func(context.Context) (api, application string, err error)

// limit stays below the usage API's limit for one organisation, which Datadog does not
// document. Hourly usage asks most: a page a second of 500 hours, each of an organisation
// and a product.
const limit = 1.0 // a second

// NewClient returns the client of a site. An empty base is the site's own.
func NewClient(c Config, keys Keys, base string, transport http.RoundTripper) (*httpsource.Client, error) {
	if base == "" {
		base = "https://api." + c.Site
	}
	return httpsource.New(httpsource.Config{
		Base: base, PerSecond: limit, Burst: 2, AtOnce: 2, Classify: classify, Transport: transport,
		Header: http.Header{"Accept": {"application/json"}},
		Authorize: func(ctx context.Context, r *http.Request) error {
			api, application, err := keys(ctx)
			if err != nil {
				return err
			}
			r.Header.Set("DD-API-KEY", api)
			r.Header.Set("DD-APPLICATION-KEY", application)
			return nil
		},
	})
}

// classify reads Datadog's limits and errors.
//
// Source: Datadog, "Rate Limits": X-RateLimit-Reset is in seconds.
func classify(a *httpsource.Answer) httpsource.Verdict {
	v := httpsource.Verdict{Wait: httpsource.RetryAfter(a.Header, time.Now())}
	if a.Status == http.StatusTooManyRequests || a.Header.Get("X-Ratelimit-Remaining") == "0" {
		if seconds, err := strconv.ParseUint(a.Header.Get("X-Ratelimit-Reset"), 10, 31); err == nil {
			v.Wait = max(v.Wait, time.Duration(seconds)*time.Second)
		}
	}
	var body struct {
		Errors []json.RawMessage `json:"errors"`
	}
	if a.Status/100 != 2 && json.Unmarshal(a.Body, &body) == nil && len(body.Errors) > 0 {
		v.Message = string(body.Errors[0])
	}
	return v
}

// answer is that of historical cost and of estimated cost: for each organisation and
// month, or day, what it has cost.
type answer struct {
	Data *[]struct {
		Attributes statement `json:"attributes"`
	} `json:"data"`
}

// statement is what one organisation has cost.
type statement struct {
	OrgName   string           `json:"org_name"`
	PublicID  string           `json:"public_id"`
	Date      time.Time        `json:"date"`
	TotalCost *decimal.Decimal `json:"total_cost"`
	Charges   []charge         `json:"charges"`
}

// charge is the cost of a product: a part of it (committed, on_demand), or their total.
type charge struct {
	Product string           `json:"product_name"`
	Type    string           `json:"charge_type"`
	Cost    *decimal.Decimal `json:"cost"`
}

// historical asks for the final cost of a month.
func historical(ctx context.Context, c *httpsource.Client, month time.Time) ([]statement, *httpsource.Answer, error) {
	return ask(ctx, c, "/api/v2/usage/historical_cost", url.Values{"start_month": {month.Format("2006-01")}, "end_month": {month.Format("2006-01")}})
}

// estimated asks for the estimated cost of the days from (inclusive) to (inclusive): of
// each, since the 1st of its month.
func estimated(ctx context.Context, c *httpsource.Client, from, to time.Time) ([]statement, *httpsource.Answer, error) {
	return ask(ctx, c, "/api/v2/usage/estimated_cost", url.Values{"start_date": {from.Format(time.DateOnly)}, "end_date": {to.Format(time.DateOnly)}})
}

func ask(ctx context.Context, c *httpsource.Client, path string, query url.Values) ([]statement, *httpsource.Answer, error) {
	query.Set("view", "sub-org")
	a, err := c.Get(ctx, path, query)
	if err != nil {
		return nil, nil, fmt.Errorf("asking for costs: %w", err)
	}
	all, err := statements(a)
	return all, a, err
}

// statements returns what an answer states, of each organisation and time.
func statements(a *httpsource.Answer) ([]statement, error) {
	var body answer
	if err := a.Decode(&body); err != nil {
		return nil, err
	}
	if body.Data == nil {
		return nil, a.Invalid("its answer has no data")
	}
	all := make([]statement, len(*body.Data))
	for i, d := range *body.Data {
		all[i] = d.Attributes
	}
	return all, nil
}
