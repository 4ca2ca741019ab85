package httpsource

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"polo/internal/redact"
)

// Reasons why a source was not read. They are the framework's reasons of gaps.
const (
	Denied      = "denied"
	Throttled   = "throttled"
	Unreachable = "unreachable"
	Disabled    = "disabled"
	Invalid     = "invalid"
)

// maxMessage bounds the source's own words in an error, in bytes.
const maxMessage = 500

// Verdict classifies an answer.
type Verdict struct {
	// Reason is why it is no answer, if it states that better than its status: sources
	// answer 403 to say "slow down", 410 for what is switched off, and 200 with errors.
	Reason string
	// Code and Message are the source's own.
	Code, Message string
	// Wait is how long the source wants no request, whatever this answer is.
	Wait time.Duration
}

// Error says why a request has no answer.
type Error struct {
	Request Request
	// Status is the answer's, 0 without one.
	Status int
	// Reason is one of this package's, or empty.
	Reason string
	// Code and Message are the source's own, the latter without secrets.
	Code, Message string

	cause error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Request.Method + " " + e.Request.Path)
	if q := redactedQuery(e.Request.Query); q != "" {
		b.WriteString("?" + q)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, ": %d %s", e.Status, http.StatusText(e.Status))
	}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.cause }

// ErrorCode returns the source's own code, or "".
func (e *Error) ErrorCode() string { return e.Code }

// HTTPStatusCode returns the answer's status, or 0.
func (e *Error) HTTPStatusCode() int { return e.Status }

// GapReason returns why the source was not read, or "".
func (e *Error) GapReason() string { return e.Reason }

func redactedQuery(query url.Values) string {
	clean := make(url.Values, len(query))
	for name, values := range query {
		for _, v := range values {
			clean.Add(name, redact.Value(name, v))
		}
	}
	return clean.Encode()
}

// failure is the error of an answer that is none.
func (a *Answer) failure(v Verdict) *Error {
	e := &Error{Request: a.Request, Status: a.Status, Reason: v.Reason, Code: v.Code, Message: v.Message}
	if e.Message == "" && a.Status/100 != 2 {
		e.Message = string(a.Body)
	}
	for _, text := range a.credentials {
		e.Message = strings.ReplaceAll(e.Message, text, "***") // no rule of redact knows its shape
	}
	e.Message = strings.ToValidUTF8(redact.Text(e.Message), "")
	if len(e.Message) > maxMessage {
		e.Message = strings.ToValidUTF8(e.Message[:maxMessage], "") + "..."
	}
	if e.Reason == "" {
		e.Reason = reasonOf(a.Status)
	}
	return e
}

func reasonOf(status int) string {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return Denied
	case status == http.StatusTooManyRequests:
		return Throttled
	case status == http.StatusGone:
		return Disabled
	case status >= 300 && status <= 399:
		return Invalid // a redirect is not followed: the credential stays with its host
	case status >= http.StatusInternalServerError && status != http.StatusNotImplemented:
		return Unreachable
	}
	return ""
}

// RetryAfter returns how long an answer asks to wait, in seconds or until a date; 0 if it does not.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
