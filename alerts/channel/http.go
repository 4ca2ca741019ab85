package channel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"polo/internal/httpsource"
	"polo/internal/redact"
)

const (
	// mostAnswer is how many bytes of an answer are read.
	mostAnswer = 4 << 10
	// longestRetryAfter bounds what a receiver may ask for.
	longestRetryAfter = time.Hour
	// shortestSecret is how long a part of an address is that no error quotes; shorter ones, such as "v2", are words.
	shortestSecret = 6
)

// receiver is an address that takes messages over HTTPS. Its path may be a secret: no error quotes it.
type receiver struct {
	kind string
	url  *url.URL
	// accepted is the one status that means success; 0 is any of 200 to 299.
	accepted int
	// secrets are the texts that no error quotes.
	secrets   []string
	transport http.RoundTripper
	timeout   time.Duration
}

// newReceiver checks an address: https, or http on this machine. secrets are what authenticates besides it.
func newReceiver(kind, address string, accepted int, client *http.Client, secrets ...string) (receiver, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return receiver{}, fmt.Errorf("%s: the address is no URL", kind) // its error quotes it
	case u.User != nil:
		return receiver{}, fmt.Errorf("%s: the address has a user", kind)
	case u.Host == "", u.Scheme != "https" && !httpsource.IsLocal(u):
		return receiver{}, fmt.Errorf("%s: the address is not https://HOST/PATH", kind)
	}
	r := receiver{kind: kind, url: u, accepted: accepted, secrets: secrets, transport: client.Transport, timeout: client.Timeout}
	if r.transport == nil {
		r.transport = http.DefaultTransport
	}
	parts := append(strings.Split(u.Path, "/"), strings.Split(u.EscapedPath(), "/")...)
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	parts = append(parts, strings.FieldsFunc(u.RawQuery, func(r rune) bool { return r == '&' || r == '=' })...)
	for _, part := range parts {
		if len(part) >= shortestSecret {
			r.secrets = append(r.secrets, part)
		}
	}
	return r, nil
}

// post sends a body once. It asks the transport itself: an http.Client would follow redirects, which would carry the message, and what
// authenticates it, elsewhere, and its errors quote addresses.
func (r receiver) post(ctx context.Context, body []byte, header http.Header) error {
	if r.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.timeout)
		defer cancel()
	}
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url.String(), bytes.NewReader(body))
	if err != nil {
		return &Error{Channel: r.kind, Permanent: true, Err: errors.New("the request cannot be made")}
	}
	if header != nil {
		req.Header = header
	}
	req.Header.Set("Content-Type", "application/json")
	// A connection that was kept may be closed just when it is used again; then nobody knows whether the message arrived.
	req.Close = true
	req.GetBody = nil // nor does net/http send it again
	response, err := r.transport.RoundTrip(req)
	if err != nil {
		_, traces := r.transport.(*http.Transport) // others may not say what was written
		return &Error{Channel: r.kind, Unknown: written.Load() || !traces, Err: r.withoutSecrets(err)}
	}
	defer func() { _ = response.Body.Close() }() // only read
	answer, _ := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	return r.judge(response, string(answer))
}

// judge classifies an answer.
func (r receiver) judge(response *http.Response, answer string) error {
	status := response.StatusCode
	success := status >= 200 && status < 300
	if success && (r.accepted == 0 || status == r.accepted) {
		return nil
	}
	if r.quotesSecret(answer) {
		answer = ""
	}
	e := &Error{Channel: r.kind, RetryAfter: retryAfter(response.Header.Get("Retry-After"), time.Now()), Err: fmt.Errorf("status %d%s", status, quoted(answer))}
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
	case status >= 500, success: // another success is not this receiver's: a proxy's, say
		e.Unknown = true
	default:
		e.Permanent = true
	}
	return e
}

// quoted quotes the beginning of an answer, which explains a refusal.
func quoted(answer string) string {
	if answer = strings.TrimSpace(oneLine(redact.Text(answer))); answer == "" {
		return ""
	}
	return ": " + clip(answer, 200)
}

func (r receiver) quotesSecret(text string) bool {
	return slices.ContainsFunc(r.secrets, func(s string) bool { return strings.Contains(text, s) })
}

// withoutSecrets returns the error, or another one if it quotes a secret.
func (r receiver) withoutSecrets(err error) error {
	if r.quotesSecret(err.Error()) {
		return errors.New("the request failed; the reason is withheld, for it quotes a secret")
	}
	return err
}

// retryAfter reads the header: seconds, or a date.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return time.Duration(min(seconds, int(longestRetryAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(now)), longestRetryAfter)
	}
	return 0
}
