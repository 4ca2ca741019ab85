package exchange

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// parseURL returns a request's URL without what authenticates. base is put before a path.
func parseURL(address, base string) (*url.URL, error) {
	if !strings.Contains(address, "://") {
		address = strings.TrimSuffix(base, "/") + address
	}
	u, err := url.Parse(withoutKeys(address))
	if address == "" || err != nil {
		return nil, errors.New("no URL") // the error would quote it
	}
	u.User, u.Fragment = nil, ""
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		u.Host = strings.TrimSuffix(u.Host, ":"+port)
	}
	return u, nil
}

// statusOf reads a status as recorders write it: 200, "200 OK", {"code": 200}; 0 if there is none.
func statusOf(value json.RawMessage) (int, error) {
	if o := asObject(value); o != nil {
		value = o.pick("code")
	}
	number := string(value)
	if s := text(value); s != "" {
		number, _, _ = strings.Cut(s, " ")
	}
	if number == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(number)
	if err != nil || n != 0 && (n < 100 || n > 599) {
		return 0, errors.New("no status of HTTP")
	}
	return n, nil
}

// timeOf returns when an exchange was answered: the Date of its answer, else the recorder's time.
func timeOf(o object, h http.Header) time.Time {
	if at := parseTime(h.Get("Date")); !at.IsZero() {
		return at
	}
	for _, name := range []string{"recordedat", "starteddatetime", "deliveredat", "receivedat", "capturedat", "retrievedat", "fetchedat"} {
		value := string(o[name])
		if s := text(o[name]); s != "" {
			value = s
		}
		if at := parseTime(value); !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

// parseTime reads a time as headers and recorders write it, seconds or milliseconds since 1970
// included; zero if it is none, or of a year that events cannot have.
func parseTime(value string) (at time.Time) {
	at, err := http.ParseTime(value)
	for _, layout := range []string{time.RFC3339Nano, time.RFC1123Z, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if err == nil {
			break
		}
		at, err = time.Parse(layout, value)
	}
	if n, bad := strconv.ParseFloat(value, 64); err != nil && bad == nil && n > 0 && n < 1e13 {
		const milliseconds = 1e11
		if n < milliseconds {
			n *= 1000
		}
		at, err = time.UnixMilli(int64(n)), nil
	}
	const first, last = 1971, 2107
	if err != nil || at.Year() < first || at.Year() > last {
		return time.Time{}
	}
	return at.UTC()
}
