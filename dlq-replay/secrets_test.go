package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polo/envelope"
	"polo/internal/queue"
	"polo/local/sqsserver"
)

// secret matches no redaction rule by itself.
const secret = "vK7qPz2mWx"

// store puts a letter on the queue as before redaction: the secret replaces each *** of the
// failure.
func (b *broker) store(t *testing.T, f queue.Failure) {
	t.Helper()
	m, err := f.Message(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	m.Body = strings.ReplaceAll(m.Body, "***", secret)
	for name, value := range m.Attributes {
		m.Attributes[name] = strings.ReplaceAll(value, "***", secret)
	}
	b.send(t, m)
}

func (b *broker) send(t *testing.T, m queue.Outgoing) {
	t.Helper()
	if err := queue.SendAll(t.Context(), b.dlq, []queue.Outgoing{m}, queue.Retry{}); err != nil {
		t.Fatal(err)
	}
}

// database returns an event of a request with a secret in it.
func database(e *envelope.ResourceEvent) {
	e.Source = "" // makes it invalid
	e.Properties.Set("request_parameters", `{"dBInstanceIdentifier":"d","masterUserPassword":"***"}`)
}

// oldLetters are letters with a secret, by content.
func (b *broker) oldLetters(t *testing.T) {
	t.Helper()
	leaky := func(f *queue.Failure) {
		f.Err, f.Origin = "invalid value for password: ***", "https://u:***@h/a.json#1"
	}
	b.store(t, failure(queue.ReasonInvalidEvent, event(1, database), leaky))
	record := `{"eventVersion":"1.08","eventTime":"yesterday","eventSource":"rds.amazonaws.com","eventName":"ModifyDBInstance","awsRegion":"eu-west-1",` +
		`"eventID":"5ad0c38a-4bd9-4a2c-8b0b-9e8b27c0b3fb","recipientAccountId":"123456789012","requestParameters":{"masterUserPassword":"***"}}`
	b.store(t, failure(queue.ReasonMalformedRecord, event(2), leaky, func(f *queue.Failure) { f.Unit, f.Body = queue.UnitRecord, []byte(record) }))
	b.store(t, failure(queue.ReasonMalformedRecord, event(3), leaky, func(f *queue.Failure) {
		f.Unit, f.Body = queue.UnitRecord, []byte("INSERT ... password=***;")
	}))
	var lines [][]byte
	for i := range 2 {
		e := event(10+i, database)
		lines = append(lines, []byte(strings.ReplaceAll(string(e.AppendJSON(nil)), "***", secret)))
	}
	packs, _, err := envelope.EncodePacks("test", lines, 1<<20)
	if err != nil || len(packs) != 1 {
		t.Fatal(len(packs), err)
	}
	b.redrive(t, packs[0].Body)
	b.send(t, queue.Outgoing{Body: "no letter: DB_PASSWORD=" + secret})
}

// Stored letters with a secret are listed, shown and corrected without it.
func TestOldSecretsAreNotShown(t *testing.T) {
	b := newBroker(t, sqsserver.Options{})
	b.oldLetters(t)
	opened := filepath.Join(t.TempDir(), "opened")
	editor := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(editor, fmt.Appendf(nil, "#!/bin/sh\ncat $1 >> %s\n", opened), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("EDITOR", editor)
	var letters []letterView
	b.must(t, &letters, "peek")
	if len(letters) != 5 {
		t.Fatalf("%d letters", len(letters))
	}
	commands := [][]string{{"list"}, {"peek"}, {"edit", "--reason", "invalid_event", "--reason", "malformed_record", "--reason", "redriven", "--expr", `.region = "eu-west-1"`, "--show", "0"}}
	for _, l := range letters {
		commands = append(commands, []string{"show", l.ID}, []string{"edit", "--id", l.ID, "--expr", `.properties.request_parameters | keys`},
			[]string{"edit", "--id", l.ID, "--expr", `.source = "aws.cloudtrail"`})
		if l.Events < 2 {
			commands = append(commands, []string{"edit", "--id", l.ID})
		}
	}
	for _, args := range commands {
		for _, args := range [][]string{args, append([]string{"--json"}, args...)} {
			if out, _ := b.run(t, args...); strings.Contains(out, secret) || out == "" {
				t.Errorf("%v prints %s", args, out)
			}
		}
	}
	if text, err := os.ReadFile(opened); err != nil || strings.Contains(string(text), secret) || strings.Count(string(text), `\"masterUserPassword\":\"***\"`) < 2 {
		t.Errorf("the editor opens %s (%v)", text, err)
	}
}

// Control characters of a letter do not reach the terminal; JSON has them escaped.
func TestControlCharactersAreNotPrinted(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	b.store(t, failure(queue.ReasonUnreadableFile, event(1), func(f *queue.Failure) {
		f.Unit, f.Body = queue.UnitPart, []byte("a\x1b]0;b\a\r\xff")
	}))
	var letters []letterView
	b.must(t, &letters, "peek")
	if len(letters) != 1 {
		t.Fatalf("%+v", letters)
	}
	if out, _ := b.run(t, "show", letters[0].ID); strings.ContainsAny(out, "\x1b\a\r") || !strings.Contains(out, `a\x1b]0;b\x07\x0d`) {
		t.Errorf("show prints %q", out)
	}
}

// show says what it redacts, and a correction removes it from the queue; export writes letters
// unchanged.
func TestOldSecretsAreTakenOut(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	b.store(t, failure(queue.ReasonInvalidEvent, event(1, database, func(e *envelope.ResourceEvent) { e.Source = "aws.cloudtrail" })))
	var letters []letterView
	b.must(t, &letters, "peek")
	if out, code := b.run(t, "show", letters[0].ID); code != 0 || !strings.Contains(out, "/properties/request_parameters") || !strings.Contains(out, `\"***\"`) {
		t.Errorf("exit code %d: %s", code, out)
	}
	if out, code := b.run(t, "export", "--out", "-"); code != 0 || !strings.Contains(out, secret) {
		t.Errorf("export does not write what is there: exit code %d: %s", code, out)
	}
	if out, code := b.run(t, "edit", "--id", letters[0].ID, "--expr", ".", "--apply"); code != 0 || !strings.Contains(out, "1 of 1 letters corrected") || !strings.Contains(out, "/properties/request_parameters") {
		t.Errorf("exit code %d: %s", code, out)
	}
	left := all(t, b.dlq)
	if len(left) != 1 || strings.Contains(left[0].Body, secret) {
		t.Errorf("left: %v", left)
	}
}
