package webhooks_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/github"
	"polo/producers/github/webhooks"
)

const (
	secret = "planted-Nd83kfPq0"
	// sentMillis is when the messages were sent.
	sentMillis = 1_772_445_600_000
	guid       = "489e6000-15ec-11f1-8000-0123456789ab"
)

func sent() time.Time { return time.UnixMilli(sentMillis).UTC() }

// created is a delivery with a time, joined is one without.
const (
	created = `{"action":"created","repository":{"id":1,"node_id":"R_1","name":"Web","full_name":"Acme/Web","owner":{"login":"Acme"},"created_at":"2026-03-01T00:00:00Z","custom_properties":{"customer":"c1"}},"organization":{"login":"Acme"},"sender":{"login":"Ada","id":7}}`
	joined  = `{"action":"member_added","membership":{"role":"admin","user":{"login":"Bob","id":8}},"organization":{"login":"Acme"},"sender":{"login":"Ada","id":7}}`
)

func sign(key, body string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// raw is a message that is the body, with the headers as attributes.
func raw(event, body string) queue.Message {
	return queue.Message{
		ID: "m", Queue: "hooks", Body: body, SentAt: sent(), ReceiveCount: 1,
		Attributes: map[string]string{"X-GitHub-Event": event, "X-GitHub-Delivery": guid, "X-Hub-Signature-256": sign(secret, body)},
	}
}

// wrapped is a message of headers and body.
func wrapped(t *testing.T, m queue.Message, change func(map[string]any)) queue.Message {
	t.Helper()
	headers := map[string]any{"Content-Type": "application/json", "x-forwarded-for": []string{"192.0.2.1", "192.0.2.2"}}
	for name, value := range m.Attributes {
		headers[strings.ToLower(name)] = value
	}
	o := map[string]any{"headers": headers, "body": m.Body}
	if change != nil {
		change(o)
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	m.Body, m.Attributes = string(text), map[string]string{"Other": "x"}
	return m
}

// with changes a message.
func with(m queue.Message, change func(*queue.Message)) queue.Message {
	change(&m)
	return m
}

// recorder is a queue that takes everything, or nothing.
type recorder struct {
	sent []queue.Outgoing
	err  error
}

func (r *recorder) Limits() queue.Limits {
	return queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: 1 << 20}
}

func (r *recorder) SendBatch(_ context.Context, batch []queue.Outgoing) []error {
	if r.err != nil {
		return slices.Repeat([]error{r.err}, len(batch))
	}
	r.sent = append(r.sent, batch...)
	return nil
}

// events decodes the packs.
func (r *recorder) events(t *testing.T) []envelope.ResourceEvent {
	t.Helper()
	var all []envelope.ResourceEvent
	for _, m := range r.sent {
		// Its packs share its memory.
		d, err := envelope.NewDecoder(envelope.DefaultBounds())
		if err != nil {
			t.Fatal(err)
		}
		pack, err := d.Decode([]byte(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range pack.Lines {
			if line.Err != nil {
				t.Fatal(line.Err)
			}
			all = append(all, line.Event)
		}
	}
	return all
}

// rig is a receiver with its queues and its log.
type rig struct {
	*webhooks.Receiver
	packs, letters recorder
	log            bytes.Buffer
}

func newRig(t *testing.T, setting string) *rig {
	t.Helper()
	cfg, err := github.ParseConfig([]byte(setting))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{}
	r.Receiver, err = webhooks.New(t.Context(), webhooks.Config{
		GitHub: cfg, Identity: producers.DefaultIdentity(), Queue: &r.packs, DeadLetter: &r.letters, Logger: slog.New(slog.NewTextHandler(&r.log, nil)),
		Secret: func(context.Context) (string, error) { return secret, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const acme = `{"organisations":["acme"]}`

// all is everything that left the receiver: packs, letters and log.
func (r *rig) all(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, e := range r.packs.events(t) {
		b.Write(e.AppendJSON(nil))
	}
	for _, m := range r.letters.sent {
		b.WriteString(m.Body)
		for name, value := range m.Attributes {
			b.WriteString(name + "=" + value)
		}
	}
	return b.String() + r.log.String()
}

// Each message shares a batch with a good one, which it does not drag down.
func TestMessages(t *testing.T) {
	t.Parallel()
	form := "payload=" + url.QueryEscape(created)
	for name, c := range map[string]struct {
		message queue.Message
		// refused is what the log says of a message that is refused, letter what a letter
		// says; neither if it makes events.
		refused, letter string
	}{
		"attributes":               {message: raw("repository", created)},
		"attributes of other case": {message: with(raw("repository", created), func(m *queue.Message) { m.Attributes = lower(m.Attributes) })},
		"headers and body":         {message: wrapped(t, raw("repository", created), nil)},
		"values as lists": {message: wrapped(t, raw("repository", created), func(o map[string]any) {
			h, _ := o["headers"].(map[string]any)
			h["x-github-event"] = []string{"repository"}
		})},
		"base64": {message: wrapped(t, raw("repository", created), func(o map[string]any) {
			o["body"], o["isBase64Encoded"] = base64.StdEncoding.EncodeToString([]byte(created)), true
		})},
		"a form":                       {message: raw("repository", form)},
		"white space is signed":        {message: raw("repository", " "+created+"\n")},
		"an event that is not known":   {message: raw("gizmo", created)},
		"no signature":                 {message: with(raw("repository", created), func(m *queue.Message) { delete(m.Attributes, "X-Hub-Signature-256") }), refused: "it has no X-Hub-Signature-256"},
		"another secret's signature":   {message: with(raw("repository", created), func(m *queue.Message) { m.Attributes["X-Hub-Signature-256"] = sign("other", created) }), refused: "not of this body and webhook_secret"},
		"another body's signature":     {message: with(raw("repository", created), func(m *queue.Message) { m.Body += " " }), refused: "not of this body and webhook_secret"},
		"a signature that is cut":      {message: with(raw("repository", created), func(m *queue.Message) { m.Attributes["X-Hub-Signature-256"] = sign(secret, created)[:39] }), refused: "not of this body and webhook_secret"},
		"SHA-1":                        {message: with(raw("repository", created), func(m *queue.Message) { m.Attributes["X-Hub-Signature-256"] = "sha1=00" }), refused: "is not sha256= and hex digits"},
		"a signature that is no hex":   {message: with(raw("repository", created), func(m *queue.Message) { m.Attributes["X-Hub-Signature-256"] = "sha256=" + secret }), refused: "is not sha256= and hex digits"},
		"two signatures":               {message: with(raw("repository", created), func(m *queue.Message) { m.Attributes["x-hub-signature-256"] = sign(secret, created) }), refused: "it has several X-Hub-Signature-256"},
		"no event":                     {message: with(raw("", created), func(m *queue.Message) { delete(m.Attributes, "X-GitHub-Event") }), refused: "it has no X-Github-Event"},
		"no delivery's id":             {message: with(raw("repository", created), func(m *queue.Message) { delete(m.Attributes, "X-GitHub-Delivery") }), refused: "it has no X-Github-Delivery"},
		"an event that is no name":     {message: raw("a b", created), refused: "not as GitHub writes it"},
		"a body without attributes":    {message: with(raw("repository", created), func(m *queue.Message) { m.Attributes = nil }), refused: "it has no X-Hub-Signature-256 as a message attribute"},
		"no JSON":                      {message: queue.Message{ID: "m", Body: "hello", SentAt: sent()}, refused: "it has no X-Hub-Signature-256 as a message attribute"},
		"a body that is not base64":    {message: wrapped(t, raw("repository", created), func(o map[string]any) { o["isBase64Encoded"] = true }), refused: "is not base64"},
		"a body that is an object":     {message: wrapped(t, raw("repository", created), func(o map[string]any) { o["body"] = json.RawMessage(created) }), refused: "it has no X-Hub-Signature-256 as a message attribute"},
		"too large":                    {message: raw("repository", created+strings.Repeat(" ", 1<<20)), refused: "more than 1048576"},
		"of another server":            {message: with(raw("repository", created), func(m *queue.Message) { m.Attributes["X-GitHub-Enterprise-Host"] = "ghe.example.com" }), refused: "is not the server of POLO_GITHUB"},
		"without a time of sending":    {message: with(raw("repository", created), func(m *queue.Message) { m.SentAt = time.Time{} }), refused: "when it was sent"},
		"signed, and no JSON":          {message: raw("repository", "hello"), letter: "the payload is not a JSON object"},
		"signed, and null":             {message: raw("repository", "null"), letter: "the payload is not a JSON object"},
		"signed, and more follows":     {message: raw("repository", created+created), letter: "more than white space follows"},
		"signed, and not an escaped":   {message: raw("repository", "payload=%zz"), letter: "not escaped"},
		"signed, and a list":           {message: raw("repository", "["+created+"]"), letter: "the payload is not a JSON object"},
		"signed, and nested very deep": {message: raw("repository", strings.Repeat(`{"a":`, 20_000)), letter: "the payload is not a JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, acme)
			neighbour := raw("organization", joined)
			neighbour.ID = "neighbour"
			report, err := r.Process(t.Context(), []queue.Message{c.message, neighbour})
			if err != nil {
				t.Fatal(err)
			}
			bad, letters := c.refused != "", 0
			if c.letter != "" {
				letters = 1
			}
			if diff := cmp.Diff([]bool{!bad, true}, report.Acked); diff != "" {
				t.Errorf("acked (-want +got):\n%s", diff)
			}
			events := r.packs.events(t)
			want := 2 // the neighbour's
			if !bad && letters == 0 {
				want = len(events)
				if n := slices.IndexFunc(events, func(e envelope.ResourceEvent) bool { return e.ARN == "github:acme/web" && e.Actor == "Ada" }); n < 0 {
					t.Errorf("no event of the repository: %+v", events)
				}
			}
			if len(events) != want || want < 2 || report.Events != int64(want) || report.Rejected != int64(letters) || len(r.letters.sent) != letters || bad != (report.Refused == 1) {
				t.Errorf("%d events, %d letters, %+v", len(events), len(r.letters.sent), report)
			}
			if said := r.log.String(); bad == (said == "") || !strings.Contains(said, c.refused) || bad && !strings.Contains(said, "message=m ") {
				t.Errorf("log: %s", said)
			}
			if letters > 0 {
				f, err := queue.ParseFailure(queue.Message{Body: r.letters.sent[0].Body, Attributes: r.letters.sent[0].Attributes})
				if err != nil || !strings.Contains(f.Err, c.letter) || f.Reason != queue.ReasonMalformedRecord || f.Origin != "hooks#m" || f.Source != github.SourceWebhooks {
					t.Errorf("letter %s of %s from %s: %s, %v", f.Reason, f.Source, f.Origin, f.Err, err)
				}
			}
			text := r.all(t)
			for _, hidden := range []string{secret, strings.TrimPrefix(sign(secret, c.message.Body), "sha256="), strings.TrimPrefix(sign(secret, created), "sha256=")} {
				if strings.Contains(text, hidden) {
					t.Errorf("it holds the secret or the signature: %s", text)
				}
			}
			if strings.Contains(r.log.String(), "Acme") {
				t.Errorf("the log quotes the payload: %s", r.log.String())
			}
		})
	}
}

func lower(m map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range m {
		out[strings.ToLower(name)] = value
	}
	return out
}

func TestEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t, `{"organisations":["acme"],"api":"https://ghe.example.com/api/v3"}`)
	m := raw("repository", created)
	m.Attributes["X-GitHub-Enterprise-Host"] = "GHE.example.com"
	if _, err := r.Process(t.Context(), []queue.Message{m, raw("organization", joined)}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range r.packs.events(t) {
		got = append(got, strings.Join([]string{e.EventType, e.ARN, e.TS.Format(time.RFC3339), e.ObservedAt.Format(time.RFC3339), e.MarqoCustomer}, " "))
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{
		"activity.service_event github:ghe.example.com/acme/web 2026-03-01T00:00:00Z 2026-03-02T10:00:00Z ",
		"resource.created github:ghe.example.com/acme/web 2026-03-01T00:00:00Z 2026-03-02T10:00:00Z c1",
		// Its payload has no time, and its id has.
		"activity.service_event github:ghe.example.com/acme 2026-03-02T04:00:00Z 2026-03-02T10:00:00Z ",
		"resource.created github:ghe.example.com/acme/@member/bob 2026-03-02T04:00:00Z 2026-03-02T10:00:00Z ",
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The same message again has the same events, byte for byte. Sent again by GitHub, hours
// later and in the other form, it has the same ids.
func TestRedeliveryHasTheSameIDs(t *testing.T) {
	t.Parallel()
	first := []queue.Message{raw("repository", created), raw("organization", joined)}
	run := func(messages []queue.Message) (packs, ids []string) {
		r := newRig(t, acme)
		if _, err := r.Process(t.Context(), messages); err != nil {
			t.Fatal(err)
		}
		for _, e := range r.packs.events(t) {
			packs, ids = append(packs, string(e.AppendJSON(nil))), append(ids, e.EventID.String())
		}
		return packs, ids
	}
	packs, ids := run(first)
	var again, later []queue.Message
	for _, m := range first {
		again = append(again, with(m, func(m *queue.Message) { m.ReceiveCount, m.FirstReceivedAt = 4, sent().Add(time.Hour) }))
		later = append(later, with(wrapped(t, m, nil), func(m *queue.Message) { m.ID, m.SentAt = "n", sent().Add(70*time.Hour) }))
	}
	got, _ := run(again)
	if diff := cmp.Diff(packs, got); diff != "" || len(ids) != 4 {
		t.Errorf("redelivered, %d events (-want +got):\n%s", len(ids), diff)
	}
	_, got = run(later)
	if diff := cmp.Diff(ids, got); diff != "" {
		t.Errorf("sent again (-want +got):\n%s", diff)
	}
}

// What cannot be published, and what cannot be put into a letter, stays with all its batch.
func TestNothingIsAckedIfPublishingFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("AccessDenied")
	for name, c := range map[string]struct {
		packs, letters error
		messages       []queue.Message
	}{
		"packs":   {packs: broken, messages: []queue.Message{raw("repository", created)}},
		"letters": {letters: broken, messages: []queue.Message{raw("repository", created), raw("repository", "hello")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, acme)
			r.packs.err, r.letters.err = c.packs, c.letters
			report, err := r.Process(t.Context(), c.messages)
			if failed := new(producers.PublishError); !errors.As(err, &failed) || !errors.Is(err, broken) || slices.Contains(report.Acked, true) {
				t.Errorf("%v, %+v", err, report)
			}
		})
	}
}

// Without a secret nothing is taken, nor while it cannot be read.
func TestSecretIsNeeded(t *testing.T) {
	t.Parallel()
	text, failure := "", errors.New("the secret has no text called webhook_secret")
	var packs, letters recorder
	cfg := webhooks.Config{Queue: &packs, DeadLetter: &letters, Secret: func(context.Context) (string, error) { return text, failure }}
	if _, err := webhooks.New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "webhook_secret") {
		t.Errorf("error %v", err)
	}
	failure = nil
	if _, err := webhooks.New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("error %v", err)
	}
	text = secret
	r, err := webhooks.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	text = ""
	m := with(raw("repository", created), func(m *queue.Message) { m.Attributes["X-Hub-Signature-256"] = sign("", created) })
	if report, err := r.Process(t.Context(), []queue.Message{m}); err == nil || slices.Contains(report.Acked, true) {
		t.Errorf("%+v, %v", report, err)
	}
	// A rotation counts from the next batch on.
	text = "rotated"
	m.Attributes["X-Hub-Signature-256"] = sign(text, created)
	if report, err := r.Process(t.Context(), []queue.Message{m, raw("repository", created)}); err != nil || !slices.Equal(report.Acked, []bool{true, false}) {
		t.Errorf("%+v, %v", report, err)
	}
}

// An id's time counts within reason only.
func TestTimeOfAnID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		guid:                                   "2026-03-02T04:00:00Z",
		"72d3162e-cc78-11e3-81ab-4c9367dc0958": sent().Format(time.RFC3339), // of 2014
		"ffffffff-ffff-1fff-8000-0123456789ab": sent().Format(time.RFC3339),
		"1b4e28ba-2fa1-4d28-883f-0016d3cca427": sent().Format(time.RFC3339), // random
		"d-1":                                  sent().Format(time.RFC3339),
	} {
		r := newRig(t, acme)
		m := raw("organization", joined)
		m.Attributes["X-GitHub-Delivery"] = id
		if _, err := r.Process(t.Context(), []queue.Message{m}); err != nil {
			t.Fatal(err)
		}
		if got := r.packs.events(t)[0].TS.Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

// No signed payload panics.
func FuzzPayloads(f *testing.F) {
	for _, body := range []string{created, joined, `{"repository":[],"sender":null,"changes":{"repository":1}}`, `{"installation":{"account":[]},"action":{}}`} {
		for _, event := range strings.Fields("repository organization installation fork team member push") {
			f.Add(event, body)
		}
	}
	f.Fuzz(func(t *testing.T, event, body string) {
		r := newRig(t, acme)
		report, err := r.Process(t.Context(), []queue.Message{raw(event, body)})
		if err != nil || len(report.Acked) != 1 || report.Acked[0] && report.Events+report.Rejected == 0 {
			t.Errorf("%s %s: %+v, %v", event, strconv.Quote(body), report, err)
		}
	})
}
