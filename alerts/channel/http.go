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
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"polo/internal/httpsource"
)

// mostAnswer is how much of an answer is read.
const mostAnswer = 4 << 10

// receiver is an address that takes messages over HTTPS. Its path may be a secret: no error tells it.
type receiver struct {
	kind   string
	url    *url.URL
	client *http.Client
}

// newReceiver checks an address: https, or http on this machine.
func newReceiver(kind, address string, client *http.Client) (receiver, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return receiver{}, fmt.Errorf("%s: the address is no URL", kind) // its error quotes it
	case u.User != nil:
		return receiver{}, fmt.Errorf("%s: the address has a user", kind)
	case u.Host == "", u.Scheme != "https" && !httpsource.IsLocal(u):
		return receiver{}, fmt.Errorf("%s: the address is not https://HOST/...", kind)
	}
	own := *client
	// A redirect would carry the message, and what authenticates it, elsewhere.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return receiver{kind, u, &own}, nil
}

// post sends a body once.
func (r receiver) post(ctx context.Context, body []byte, header http.Header) error {
	var written atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }})
	req, err := http.NewRequestWithContext(traced, http.MethodPost, r.url.String(), bytes.NewReader(body))
	if err != nil {
		return &Error{Channel: r.kind, Permanent: true, Err: errors.New("the request cannot be made")}
	}
	req.Header = header
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set("Content-Type", "application/json")
	req.GetBody = nil // it is sent once: net/http would send it again on a connection that was closed
	response, err := r.client.Do(req)
	if err != nil {
		return &Error{Channel: r.kind, Unknown: written.Load(), Err: plainly(err)}
	}
	defer func() { _ = response.Body.Close() }() // only read
	answer, _ := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	return r.judge(response, answer)
}

// judge classifies an answer.
func (r receiver) judge(response *http.Response, answer []byte) error {
	status := response.StatusCode
	if status >= 200 && status < 300 {
		return nil
	}
	e := &Error{Channel: r.kind, RetryAfter: retryAfter(response.Header.Get("Retry-After"), time.Now()), Err: fmt.Errorf("status %d%s", status, told(answer, r.url))}
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
	case status >= 500:
		e.Unknown = true
	default:
		e.Permanent = true
	}
	return e
}

// told quotes an answer of few characters, which explains a refusal, if it does not hold the address.
func told(answer []byte, u *url.URL) string {
	text := oneLine(strings.TrimSpace(string(answer)))
	if text == "" || u.Path != "" && u.Path != "/" && strings.Contains(text, strings.Trim(u.Path, "/")) || u.RawQuery != "" && strings.Contains(text, u.RawQuery) {
		return ""
	}
	return ": " + clip(text, 200)
}

// plainly takes the address out of an error of net/http.
func plainly(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// retryAfter reads the header: seconds, or a date.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 3600)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(now)), time.Hour)
	}
	return 0
}
