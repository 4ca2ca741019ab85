package github

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"polo/internal/httpsource"
)

const (
	// perSecond and burst keep a credential to 3,630 requests in an hour, of the 5,000
	// that GitHub takes: people and other programs use it too. atOnce is far below the
	// 100 of the secondary limits.
	//
	// Source: GitHub, "Rate limits for the REST API".
	perSecond, burst, atOnce = 1.0, 30, 4
	// secondaryWait is how long to wait after a secondary limit that names no time.
	secondaryWait = time.Minute
	// pageSize is the most items of a page, fullPage as a number.
	pageSize, fullPage = "100", 100
)

// Secret returns the fields of the credential, and is asked again while it is in use:
// "token", or "app_id" and "private_key", and perhaps "installation_id"; and perhaps
// "enterprise_token".
type Secret func(ctx context.Context, names ...string) ([]string, error)

// Clients makes the clients of a credential. Safe for concurrent use.
type Clients struct {
	base      string
	secret    Secret
	transport http.RoundTripper
	cache     *httpsource.Cache

	mu sync.Mutex
	// token is the client of a token, enterprise that of the token for the enterprise's bill, app that of an App itself.
	token, enterprise, app *httpsource.Client
}

// NewClients returns the clients of a credential. An empty base is the setting's own.
func NewClients(c Config, secret Secret, base string, transport http.RoundTripper) *Clients {
	return &Clients{base: cmp.Or(base, c.API), secret: secret, transport: transport}
}

// WithCache makes clients keep answers from one run to the next. It is called before they are used.
//
// Source: GitHub, "Best practices for using the REST API": an answer "not modified" does not count towards the
// primary rate limit.
func (c *Clients) WithCache(cache *httpsource.Cache) *Clients {
	c.cache = cache
	return c
}

// access is how an owner is read.
type access struct {
	*httpsource.Client
	// app is set if it is an App, selected if that sees selected repositories only: others exist.
	app, selected bool
	// concealed is set if the teams were refused, which take the same permission as the members that are not public.
	concealed bool
	// repos is how many repositories the organisation says it has, -1 if it does not.
	repos int
}

// of returns how to read an owner. A token has one client for all; an App has one for each owner that it is installed on. Enterprises may have
// a token of their own.
func (c *Clients) of(ctx context.Context, o owner) (*access, error) {
	if o.enterprise { // whose bill takes a classic token, when the rest is an App's
		if a, err := c.byToken(ctx, &c.enterprise, "enterprise_token"); err == nil {
			return a, nil
		}
	}
	a, err := c.byToken(ctx, &c.token, "token")
	if err == nil {
		return a, nil
	}
	if _, appErr := c.secret(ctx, "app_id", "private_key"); appErr != nil {
		return nil, fmt.Errorf("neither a token nor an App: %w; %w", err, appErr)
	}
	app, err := c.shared(&c.app, c.jwt)
	if err != nil {
		return nil, err
	}
	return c.installed(ctx, app, o)
}

// byToken returns how to read with the token in a field of the secret. It fails if there is none.
func (c *Clients) byToken(ctx context.Context, at **httpsource.Client, field string) (*access, error) {
	if _, err := c.secret(ctx, field); err != nil {
		return nil, err
	}
	client, err := c.shared(at, func(ctx context.Context) (string, error) {
		fields, err := c.secret(ctx, field)
		if err != nil {
			return "", err
		}
		return fields[0], nil
	})
	return &access{Client: client, repos: -1}, err
}

// shared returns a client that is made once.
func (c *Clients) shared(at **httpsource.Client, token func(context.Context) (string, error)) (*httpsource.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if *at == nil {
		client, err := c.client(token)
		if err != nil {
			return nil, err
		}
		*at = client
	}
	return *at, nil
}

// client returns the client of a bearer token, which is asked for at every request.
func (c *Clients) client(token func(context.Context) (string, error)) (*httpsource.Client, error) {
	return httpsource.New(httpsource.Config{
		Base: c.base, PerSecond: perSecond, Burst: burst, AtOnce: atOnce, Classify: classify, Transport: c.transport, Cache: c.cache,
		Header: http.Header{"Accept": {"application/vnd.github+json"}, "X-Github-Api-Version": {"2022-11-28"}, "User-Agent": {"polo"}},
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

// classify reads GitHub's limits and refusals. Both come with the statuses 403 and 429; what is not visible to the credential has 404.
//
// Source: GitHub, "Rate limits for the REST API", "Troubleshooting the REST API".
func classify(a *httpsource.Answer) httpsource.Verdict {
	now := time.Now()
	v := httpsource.Verdict{Wait: httpsource.RetryAfter(a.Header, now)}
	if a.Status/100 != 2 {
		v.Message = message(a.Body)
	}
	spent := a.Header.Get("X-Ratelimit-Remaining") == "0"
	if reset, err := strconv.ParseInt(a.Header.Get("X-Ratelimit-Reset"), 10, 64); spent && err == nil {
		// Its clock may be a second ahead of this one.
		v.Wait = max(v.Wait, time.Unix(reset, 0).Add(time.Second).Sub(now))
	}
	switch a.Status {
	case http.StatusForbidden, http.StatusTooManyRequests:
		// A secondary limit that names no time shows in the message alone.
		if spent || a.Header.Get("Retry-After") != "" || a.Status == http.StatusTooManyRequests || strings.Contains(strings.ToLower(v.Message), "secondary rate limit") {
			v.Reason, v.Wait = httpsource.Throttled, cmp.Or(v.Wait, secondaryWait)
			return v
		}
		v.Reason = httpsource.Denied
		v.Message += wanted(a)
	case http.StatusUnauthorized:
		v.Reason = httpsource.Denied
	case http.StatusNotFound:
		v.Reason = httpsource.Denied
		v.Message = "not found, or not visible to this credential" + wanted(a)
	case http.StatusGone:
		v.Reason = httpsource.Disabled
	case http.StatusUnavailableForLegalReasons:
		v.Reason = httpsource.Denied
	}
	return v
}

// message returns the message of an error's body, or "".
func message(body []byte) string {
	var b struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &b) != nil {
		return ""
	}
	return b.Message
}

// wanted says what a refused request wants: ": it wants ...", or "". The address to sign on at is left out.
func wanted(a *httpsource.Answer) string {
	var all []string
	if strings.HasPrefix(a.Header.Get("X-Github-Sso"), "required") {
		all = append(all, "single sign-on of the organisation")
	}
	if p := a.Header.Get("X-Accepted-Github-Permissions"); p != "" {
		all = append(all, "the permission "+p)
	}
	if s := a.Header.Get("X-Accepted-Oauth-Scopes"); s != "" {
		all = append(all, "one of the scopes "+s)
	}
	if strings.HasPrefix(a.Request.Path, "/enterprises/") && strings.Contains(a.Request.Path, "/settings/billing/") {
		all = append(all, "a classic personal access token of an owner or billing manager of the enterprise")
	}
	if strings.HasSuffix(a.Request.Path, "/audit-log") {
		all = append(all, "an organisation of GitHub Enterprise Cloud")
	}
	if len(all) == 0 {
		return ""
	}
	return ": it wants " + strings.Join(all, ", ")
}
