package channel

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Headers of the signed webhook.
const (
	HeaderTimestamp = "X-Polo-Timestamp"
	HeaderSignature = "X-Polo-Signature"
	HeaderMessage   = "X-Polo-Message"
)

const (
	// webhookBody is the most bytes of a body: of ours, since many receivers take no more than a mebibyte.
	webhookBody = 1 << 20
	// webhookSecret is the fewest bytes of a secret that signs: of ours, for a shorter one can be guessed.
	webhookSecret = 16
)

// Webhook sends a message as JSON to an address, signed.
type Webhook struct {
	to     receiver
	secret []byte
	now    func() time.Time
}

// NewWebhook returns a channel to an address. secret signs what is sent.
func NewWebhook(address, secret string, client *http.Client, now func() time.Time) (*Webhook, error) {
	to, err := newReceiver("webhook", address, 0, client, secret)
	if err == nil && len(secret) < webhookSecret {
		err = fmt.Errorf("webhook: the secret that signs is shorter than %d bytes", webhookSecret)
	}
	return &Webhook{to, []byte(secret), now}, err
}

// Send implements Channel.
func (w *Webhook) Send(ctx context.Context, m Message) error {
	of := func(firing, resolved int) Message {
		out := m
		out.Firing, out.MoreFiring = m.Firing[:firing], m.MoreFiring+len(m.Firing)-firing
		out.Resolved, out.MoreResolved = m.Resolved[:resolved], m.MoreResolved+len(m.Resolved)-resolved
		return out
	}
	body, err := json.Marshal(document(of(mostThatFit(len(m.Firing), len(m.Resolved), func(f, r int) bool {
		body, err := json.Marshal(document(of(f, r)))
		return err != nil || len(body) <= webhookBody
	}))))
	if err != nil {
		return &Error{Channel: w.to.kind, Permanent: true, Err: err}
	}
	at := strconv.FormatInt(w.now().Unix(), 10)
	header := http.Header{}
	header.Set(HeaderTimestamp, at)
	header.Set(HeaderSignature, "v1="+Sign(w.secret, at, body))
	header.Set(HeaderMessage, m.ID)
	return w.to.post(ctx, body, header)
}

// Sign returns the signature of a body that was sent at a time in seconds: HMAC-SHA256, in hexadecimal, over TIME.BODY.
func Sign(secret []byte, at string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// document is a message as JSON.
func document(m Message) map[string]any {
	items := func(all []Item) []map[string]any {
		out := []map[string]any{}
		for _, i := range all {
			x := map[string]any{"labels": fields(i.Labels), "values": fields(i.Values), "since": i.Since.UTC().Format(time.RFC3339), "reminder": i.Reminder}
			if i.Link != "" {
				x["link"] = i.Link
			}
			out = append(out, x)
		}
		return out
	}
	out := map[string]any{
		"version": 1, "id": m.ID, "key": m.Key, "alert": m.Alert, "title": m.Title, "text": m.Text, "severity": m.Severity, "at": m.At.UTC().Format(time.RFC3339),
		"repeated": m.Repeated, "open": m.Open, "firing": items(m.Firing), "resolved": items(m.Resolved), "more_firing": m.MoreFiring, "more_resolved": m.MoreResolved,
	}
	if m.Link != "" {
		out["link"] = m.Link
	}
	if m.Runbook != "" {
		out["runbook"] = m.Runbook
	}
	return out
}

func fields(all []Pair) map[string]string {
	out := map[string]string{}
	for _, p := range all {
		out[p.Name] = p.Value
	}
	return out
}
