package channel_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// verify returns the body of a request that Polo signed in the last five minutes.
func verify(r *http.Request, secret []byte, now time.Time) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 2<<20))
	at := r.Header.Get("X-Polo-Timestamp")
	sent, badTime := strconv.ParseInt(at, 10, 64)
	if err != nil || badTime != nil || now.Sub(time.Unix(sent, 0)).Abs() > 5*time.Minute {
		return nil, errors.New("unreadable, or not of the last five minutes")
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(at + "." + string(body)))
	if want := "v1=" + hex.EncodeToString(mac.Sum(nil)); !hmac.Equal([]byte(want), []byte(r.Header.Get("X-Polo-Signature"))) {
		return nil, errors.New("not signed with our secret")
	}
	return body, nil
}

// What docs/ALERTS.md tells receivers to do is verify, to the letter, and takes what Polo sends and nothing else.
func TestVerifying(t *testing.T) {
	t.Parallel()
	const function = "// verify returns the body"
	var texts [2]string
	for i, path := range []string{"verify_test.go", "../../docs/ALERTS.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(text), function)
		texts[i], _, _ = strings.Cut(after, "\n}\n")
	}
	if texts[0] == "" || texts[0] != texts[1] {
		t.Errorf("docs/ALERTS.md has another function than this file:\n%s", texts[1])
	}

	got := sent(t, "webhook", message())
	for _, c := range []struct {
		name, secret string
		later        time.Duration
		change       func(http.Header, []byte) []byte
		ok           bool
	}{
		{name: "as sent", ok: true},
		{name: "a little late", later: 4 * time.Minute, ok: true},
		{name: "old", later: 6 * time.Minute},
		{name: "of the future", later: -6 * time.Minute},
		{name: "another secret", secret: "SECRETSIGNATUREKEy"},
		{name: "another body", change: func(_ http.Header, b []byte) []byte { return bytes.Replace(b, []byte("high"), []byte("low"), 1) }},
		{name: "an old one with a new time", later: time.Hour, change: func(h http.Header, b []byte) []byte {
			h.Set("X-Polo-Timestamp", strconv.FormatInt(at.Add(time.Hour).Unix(), 10))
			return b
		}},
		{name: "no signature", change: func(h http.Header, b []byte) []byte { h.Del("X-Polo-Signature"); return b }},
		{name: "no time", change: func(h http.Header, b []byte) []byte { h.Del("X-Polo-Timestamp"); return b }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			header, body := got.header.Clone(), bytes.Clone(got.body)
			if c.change != nil {
				body = c.change(header, body)
			}
			r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
			r.Header = header
			secret := "SECRETSIGNATUREKEY"
			if c.secret != "" {
				secret = c.secret
			}
			out, err := verify(r, []byte(secret), at.Add(c.later))
			if (err == nil) != c.ok || c.ok && !bytes.Equal(out, body) {
				t.Errorf("%v", err)
			}
		})
	}
}
