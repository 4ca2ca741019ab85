package cloudflare

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"polo/internal/httpsource"
)

const (
	defaultBase = "https://api.cloudflare.com/client/v4"
	// perSecond and burst keep below 1,200 requests in five minutes, which a user's tokens
	// share with the dashboards that the user has open.
	//
	// Source: Cloudflare, "API rate limits".
	perSecond, burst = 3, 10
	// Each source is a function of its own, and they use one token: each has a part of the limit.
	shareBilling, shareInventory, shareAudit = 0.2, 0.7, 0.1
	// block is how long Cloudflare answers nothing once the limit is exceeded.
	block = 5 * time.Minute
)

// Token returns the API token, and is asked for every request.
type Token func(context.Context) (string, error)

// NewClient returns the client of a token, which keeps to a share, of 0 to 1, of its limit. All
// scopes of a source need the same client. An empty base is Cloudflare's own.
func NewClient(token Token, share float64, base string, transport http.RoundTripper) (*httpsource.Client, error) {
	if base == "" {
		base = defaultBase
	}
	return httpsource.New(httpsource.Config{
		Base: base, PerSecond: perSecond * share, Burst: burst, AtOnce: 4, Classify: classify, Transport: transport,
		Header: http.Header{"Accept": {"application/json"}},
		Authorize: func(ctx context.Context, r *http.Request) error {
			text, err := token(ctx)
			if err != nil {
				return err
			}
			r.Header.Set("Authorization", "Bearer "+text)
			return nil
		},
	})
}

// failed is the reason of a gap for which Cloudflare's code says nothing better.
const failed = "failed"

// reasonOfCode returns the reason of a gap that one of Cloudflare's codes states, whatever the
// status that it comes with, or "".
func reasonOfCode(code string) string {
	switch code {
	case "10000", "9103", "9106", "9107", "9109", "6003", "6111":
		return httpsource.Denied // authentication, or what the token may not read
	case "971", "10100", "10429":
		return httpsource.Throttled
	case "10042", "9999":
		return httpsource.Disabled // R2, Access: not enabled for the account
	}
	return ""
}

// classify reads Cloudflare's limits and errors, which also come with status 200.
func classify(a *httpsource.Answer) httpsource.Verdict {
	v := httpsource.Verdict{Wait: httpsource.RetryAfter(a.Header, time.Now())}
	var body struct {
		Success *bool      `json:"success"`
		Errors  []apiError `json:"errors"`
	}
	refused := json.Unmarshal(a.Body, &body) == nil && body.Success != nil && !*body.Success
	if refused || a.Status/100 != 2 {
		for _, e := range body.Errors {
			if code := e.Code.String(); v.Code == "" || v.Reason == "" && reasonOfCode(code) != "" {
				v.Code, v.Message, v.Reason = code, e.Message, reasonOfCode(code)
			}
		}
		if refused && v.Reason == "" && a.Status/100 == 2 {
			v.Reason = failed
		}
	}
	if a.Status == http.StatusTooManyRequests {
		v.Reason = httpsource.Throttled
	}
	if v.Reason == httpsource.Throttled && v.Wait == 0 {
		v.Wait = block
	}
	v.Wait = max(v.Wait, exhausted(a.Header))
	return v
}

// exhausted returns how long to wait because the header Ratelimit says that no request is
// left: "default";r=0;t=30.
func exhausted(h http.Header) time.Duration {
	params := strings.Split(strings.ReplaceAll(h.Get("Ratelimit"), " ", ""), ";")
	if !slices.Contains(params, "r=0") {
		return 0
	}
	for _, p := range params {
		if text, ok := strings.CutPrefix(p, "t="); ok {
			if seconds, err := strconv.ParseUint(text, 10, 16); err == nil {
				return time.Duration(seconds) * time.Second
			}
		}
	}
	return 0
}

// apiError is one of Cloudflare's errors.
type apiError struct {
	Code    json.Number `json:"code"`
	Message string      `json:"message"`
}
