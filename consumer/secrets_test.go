package consumer_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"polo/consumer"
	"polo/envelope"
	"polo/internal/queue"
)

// TestLettersOfPacksHoldNoSecret: another producer's pack may contain secrets. A letter that keeps
// it whole is a whole pack without them; a torn one is unpacked.
func TestLettersOfPacksHoldNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "vK7qPz2mWx"
	bad := `{"x":"` + noise(1, 300) + `","tags":{"db_password":"` + secret + `"}}`
	torn := packOf(t, "torn", repeatedly(120, constant(bad))...)
	torn.Body = corruptID(t, torn.Body)
	cut := packOf(t, "cut", repeatedly(8000, func(i int) string { return `{"x":"` + noise(int64(i), 30) + `","password":"` + secret + `"}` })...)
	cut.Body = cut.Body[:len(cut.Body)*3/4]
	for _, c := range []struct {
		name    string
		message queue.Message
		reason  queue.Reason
		letters int
		whole   bool // the letter is a pack
	}{
		{"one event", packOf(t, "one", bad), queue.ReasonInvalidEvent, 1, false},
		{"many", packOf(t, "many", repeatedly(120, constant(bad))...), queue.ReasonManyBadEvents, 1, true},
		{"its batch_id does not fit", torn, queue.ReasonCorruptPack, 1, false},
		{"it ends too early", cut, queue.ReasonMalformedPack, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dlq := &letters{}
			r, err := newConsumer(t, &sink{}, dlq).Process(t.Context(), []queue.Message{c.message})
			if err != nil || r.Verdicts[0] != consumer.Ack {
				t.Fatalf("verdict %v, %v", r.Verdicts, err)
			}
			found := dlq.failures(t)
			if len(found) != c.letters || found[0].Reason != c.reason {
				t.Fatalf("%d letters, the first %s", len(found), found[0].Reason)
			}
			for _, f := range found {
				text := string(f.Body)
				if c.whole {
					d, err := envelope.NewDecoder(envelope.DefaultBounds())
					if err != nil {
						t.Fatal(err)
					}
					pack, err := d.Decode(f.Body)
					if err != nil || len(pack.Lines) != 120 {
						t.Fatalf("the letter holds no whole pack: %v", err)
					}
					for _, l := range pack.Lines {
						text += string(l.Raw)
					}
				}
				if strings.Contains(text, secret) || !strings.Contains(text, "***") || len(f.Redacted) == 0 {
					t.Errorf("kept %.300s, places %q", text, f.Redacted)
				}
			}
			for _, m := range dlq.sent {
				for _, packed := range []string{m.Body, m.Attributes["Error"]} {
					if raw, err := base64.StdEncoding.DecodeString(packed); err == nil && strings.Contains(string(raw), secret) || strings.Contains(packed, secret) {
						t.Error("a secret is in the letter as it is stored")
					}
				}
			}
		})
	}
}
