package channel_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polo/alerts/channel"
)

// delivery is what a receiver got.
type delivery struct {
	header http.Header
	body   []byte
}

// sent sends a message on a channel of a kind, and returns what arrived.
func sent(t *testing.T, kind string, m channel.Message) delivery {
	t.Helper()
	if kind == "file" {
		path := filepath.Join(t.TempDir(), "alerts.jsonl")
		f, err := channel.NewFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return delivery{body: text}
	}
	var got delivery
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got.header = r.Header
		got.body, _ = io.ReadAll(r.Body)
		switch kind {
		case "sns":
			w.Header().Set("Content-Type", "text/xml")
			_, _ = io.WriteString(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`)
		case "ses":
			_, _ = io.WriteString(w, `{"MessageId":"1"}`)
		case "pagerduty":
			w.WriteHeader(http.StatusAccepted)
		}
	}))
	defer server.Close()
	if err := everyKind(t, server.URL)[kind].Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	return got
}

// object is the body as an object. That of SNS is a form.
func (d delivery) object(t *testing.T) map[string]any {
	t.Helper()
	out := map[string]any{}
	if form, err := url.ParseQuery(string(d.body)); err == nil && form.Has("Action") {
		for name, values := range form {
			out[name] = values[0]
		}
		// The SDK writes attributes in no order.
		attributes := map[string]any{}
		for name, value := range out {
			if prefix, ok := strings.CutSuffix(name, ".Name"); ok {
				attributes[value.(string)] = out[prefix+".Value.StringValue"]
			}
		}
		for name := range out {
			if strings.HasPrefix(name, "MessageAttributes.") {
				delete(out, name)
			}
		}
		out["MessageAttributes"] = attributes
		return out
	}
	if err := json.Unmarshal(d.body, &out); err != nil {
		t.Fatalf("%v: %.300s", err, d.body)
	}
	return out
}

// golden is the body for people to review.
func (d delivery) golden(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetIndent("", "  ")
	to.SetEscapeHTML(false)
	if err := to.Encode(d.object(t)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
