package access

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// skew is how far clocks may differ.
	skew = 30 * time.Second
	// maxSignature is how old a signed request may be.
	maxSignature = time.Minute
	// defaultAge is how old a person's token may be, and maxAge the most that a setting may say.
	defaultAge = 15 * time.Minute
	maxAge     = time.Hour
	// maxToken bounds a token, in bytes.
	maxToken = 16 << 10
)

// Config is what requests are verified with.
type Config struct {
	// Team is the issuer: https://TEAM.cloudflareaccess.com.
	Team string
	// Audience is the tag of the application of actions alone: a token of the dashboard's is foreign.
	Audience string
	// MaxAge is how long ago the token may have been issued: 15 minutes where it is not set.
	MaxAge time.Duration
	// Keys are the Worker's public keys by their ids. One that is taken out is refused at once.
	Keys map[string]ed25519.PublicKey
	// Client fetches the team's keys; nil is a client that follows no redirect.
	Client *http.Client
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Verifier verifies requests. It lives as long as the function's environment, and caches the team's keys and the nonces of
// the last minutes. Safe for concurrent use.
type Verifier struct {
	cfg    Config
	keys   *keys
	nonces nonces
}

// New checks a configuration and reports every fault at once.
func New(c Config) (*Verifier, error) {
	var errs []error
	u, err := url.Parse(c.Team)
	local := err == nil && u.Scheme == "http" && (u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost" || u.Hostname() == "::1")
	if err != nil || u.Host == "" || u.Scheme != "https" && !local || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		errs = append(errs, errors.New("the team is not https:// and a host alone"))
	}
	if c.Audience == "" {
		errs = append(errs, errors.New("no audience"))
	}
	if c.MaxAge == 0 {
		c.MaxAge = defaultAge
	}
	if c.MaxAge < time.Minute || c.MaxAge > maxAge {
		errs = append(errs, fmt.Errorf("the greatest age of a token is not from 1m to %s", maxAge))
	}
	if len(c.Keys) == 0 {
		errs = append(errs, errors.New("no key of the Worker's"))
	}
	for id, key := range c.Keys {
		if id == "" || len(key) != ed25519.PublicKeySize {
			errs = append(errs, fmt.Errorf("the Worker's key %q is not %d bytes", id, ed25519.PublicKeySize))
		}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Client == nil {
		c.Client = &http.Client{
			Timeout:       fetchTime,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	c.Team = strings.TrimSuffix(c.Team, "/")
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &Verifier{cfg: c, keys: &keys{client: c.Client, url: c.Team + "/cdn-cgi/access/certs", now: c.Now}, nonces: nonces{now: c.Now}}, nil
}

// Caller is who sent a request.
type Caller struct {
	// Email and Subject are the person's.
	Email, Subject string
	// Nonce is the request's own; a second request with it is refused.
	Nonce string
}

// Verify returns who sent a request with a body, or a *Refusal.
func (v *Verifier) Verify(ctx context.Context, r *http.Request, body []byte) (Caller, error) {
	token := r.Header.Get(HeaderToken)
	switch {
	case token == "":
		return Caller{}, refuse(CodeNoToken, "There is no token of Access.")
	case len(token) > maxToken:
		return Caller{}, refuse(CodeMalformed, "The token is too long.")
	}
	// The signature first: it costs no request for keys.
	nonce, err := v.signature(r, body, token)
	if err != nil {
		return Caller{}, err
	}
	c, err := v.token(ctx, token)
	if err != nil {
		return Caller{}, err
	}
	if !v.nonces.take(nonce) { //mutant:access-nonce
		return Caller{}, refuse(CodeReused, "The request was sent before.")
	}
	c.Nonce = nonce
	return c, nil
}
