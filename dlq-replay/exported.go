package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"polo/internal/queue"
)

// exported is a letter as it is on the queue, one line of a file.
type exported struct {
	ID         string            `json:"id"`
	SentAt     time.Time         `json:"sent_at,omitzero"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Body       string            `json:"body,omitempty"`
	// BodyBase64 replaces Body if the body is not text.
	BodyBase64 string `json:"body_base64,omitempty"`
	// DeadLetterSource is the queue that moved the letter here itself, if one did.
	DeadLetterSource string `json:"dead_letter_source,omitempty"`
}

func exportedOf(m queue.Message) exported {
	x := exported{ID: m.ID, SentAt: m.SentAt, Attributes: m.Attributes, DeadLetterSource: m.DeadLetterSource}
	if utf8.ValidString(m.Body) {
		x.Body = m.Body
	} else {
		x.BodyBase64 = base64.StdEncoding.EncodeToString([]byte(m.Body))
	}
	return x
}

// outgoing returns the letter's message for a queue whose messages hold at most maxSize bytes.
func (x exported) outgoing(maxSize int) (queue.Outgoing, error) {
	body := x.Body
	if x.BodyBase64 != "" {
		raw, err := base64.StdEncoding.DecodeString(x.BodyBase64)
		if err != nil {
			return queue.Outgoing{}, errors.New("its body is not base64")
		}
		body = string(raw)
	}
	m := queue.Outgoing{Body: body, Attributes: x.Attributes}
	if x.DeadLetterSource != "" && x.Attributes["Reason"] == "" {
		// Sending it removes the queue's own mark, so a record says the same. If the message leaves
		// no room for a record, it is sent unchanged: a pack without a record counts as moved by
		// the queue.
		f, err := queue.ParseFailure(queue.Message{ID: x.ID, Body: body, Attributes: x.Attributes, DeadLetterSource: x.DeadLetterSource, SentAt: x.SentAt})
		if err != nil {
			return queue.Outgoing{}, err
		}
		record, err := f.Message(maxSize)
		if err == nil {
			return record, nil
		}
		if m.Check(maxSize) != nil {
			m.Attributes = nil
		}
	}
	return m, m.Check(maxSize)
}

// load calls visit for each letter of a file that export wrote, in order.
func load(path string, visit func(exported) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening the letters: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	dec := json.NewDecoder(bufio.NewReader(f))
	for n := 1; ; n++ {
		var x exported
		err := dec.Decode(&x)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading %s: letter %d is malformed: %w", path, n, err)
		case x.ID == "" || x.Body == "" && x.BodyBase64 == "":
			return fmt.Errorf("reading %s: letter %d has no id or no body: export did not write it", path, n)
		}
		if err := visit(x); err != nil {
			return err
		}
	}
}
