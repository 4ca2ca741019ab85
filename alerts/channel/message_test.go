package channel_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/alerts/channel"
)

var update = flag.Bool("update", false, "rewrite testdata")

// TestMessages holds what the channels send against files.
func TestMessages(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]channel.Message{
		"firing":   message(),
		"reminder": message(func(m *channel.Message) { m.Firing, m.Resolved = m.Firing[1:], nil }),
		"resolved": message(func(m *channel.Message) { m.Firing, m.Open = nil, 0 }),
		"partly":   message(func(m *channel.Message) { m.Firing = nil }),
		"repeated": message(func(m *channel.Message) { m.Firing, m.Open, m.Repeated = nil, 0, true }),
		"capped":   message(func(m *channel.Message) { m.Firing, m.MoreFiring, m.MoreResolved = m.Firing[:1], 212, 3 }),
		"hostile": message(func(m *channel.Message) {
			m.Title = "a\r\nBcc: x@example.com\u2028<!channel> @here"
			m.Text = "b\r\n\x1b[31m <b>\xff"
			m.Firing[0].Labels[1] = channel.Pair{Name: "<i>", Value: "<https://evil.example|click> & <script>\x00\u202e\u200b @channel \xff\n\nfrom: x"}
			m.Firing[0].Link, m.Link, m.Runbook = "javascript:alert(1)", "https://x/\"><script>", "https://x|y> <!here>"
		}),
	} {
		for _, kind := range []string{"slack", "pagerduty", "webhook", "sns", "ses", "file"} {
			got := sent(t, kind, m)
			text := got.golden(t)
			path := filepath.Join("testdata", kind+"_"+name+".json")
			if *update {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), text); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", kind, name, diff)
			}
			if m.Repeated != strings.Contains(text, "may have been sent before") && kind != "webhook" && kind != "file" || m.Repeated != strings.Contains(text, `"repeated": true`) && (kind == "webhook" || kind == "file") {
				t.Errorf("%s of %s: whether it may have been sent before is not told:\n%s", kind, name, text)
			}
		}
	}
}

// A receiver checks the signature as docs/ALERTS.md says.
func TestTheWebhooksSignature(t *testing.T) {
	t.Parallel()
	got := sent(t, "webhook", message())
	header, body := got.header, got.body
	at := header.Get(channel.HeaderTimestamp)
	if at != "1767323100" || header.Get(channel.HeaderMessage) != "m-1" {
		t.Errorf("headers %v", header)
	}
	if want := "v1=" + channel.Sign([]byte("SECRETSIGNATUREKEY"), at, body); header.Get(channel.HeaderSignature) != want {
		t.Errorf("signature %s, want %s", header.Get(channel.HeaderSignature), want)
	}
	// As computed by: printf %s '1.{}' | openssl dgst -sha256 -hmac 0123456789abcdef
	if got := channel.Sign([]byte("0123456789abcdef"), "1", []byte("{}")); got != "2af693cb56b22c16912222aeefdc75a01de562bf70ee2015f41ecea48382997f" {
		t.Errorf("signature %s", got)
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	f, err := channel.NewFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var got map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil || len(lines) != 2 || got["id"] != "m-1" {
		t.Errorf("%d lines, %v: %s", len(lines), err, text)
	}
	// A write that was cut off costs no later message.
	if err := os.WriteFile(path, []byte(`{"version":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	text, err = os.ReadFile(path)
	if lines := strings.Split(strings.TrimSpace(string(text)), "\n"); err != nil || len(lines) != 2 || !json.Valid([]byte(lines[1])) {
		t.Errorf("%v: %s", err, text)
	}
	nowhere, err := channel.NewFile(filepath.Join(t.TempDir(), "none", "alerts.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var e *channel.Error
	if err := nowhere.Send(t.Context(), message()); !errors.As(err, &e) || e.Unknown || e.Permanent {
		t.Errorf("%#v", err)
	}
	if _, err := channel.NewFile("alerts.jsonl"); err == nil {
		t.Error("a relative path is taken")
	}
}
