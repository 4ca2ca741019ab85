package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"polo/dlq-replay/replay"
	"polo/internal/queue"
)

// exported is a letter as it stands on the queue, a line of a file.
type exported struct {
	ID         string            `json:"id"`
	SentAt     time.Time         `json:"sent_at,omitzero"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Body       string            `json:"body,omitempty"`
	// BodyBase64 stands in Body's place where that is not text.
	BodyBase64 string `json:"body_base64,omitempty"`
	// DeadLetterSource is the queue that moved it here itself, if one did.
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

func (x exported) outgoing() (queue.Outgoing, error) {
	body := x.Body
	if x.BodyBase64 != "" {
		raw, err := base64.StdEncoding.DecodeString(x.BodyBase64)
		if err != nil {
			return queue.Outgoing{}, fmt.Errorf("letter %s: its body is not base64", x.ID)
		}
		body = string(raw)
	}
	attributes := x.Attributes
	if x.DeadLetterSource != "" && attributes["Reason"] == "" {
		// It loses the queue's own mark by being sent: say the same by a record.
		f, err := queue.ParseFailure(queue.Message{ID: x.ID, Body: body, Attributes: attributes, DeadLetterSource: x.DeadLetterSource, SentAt: x.SentAt})
		if err != nil {
			return queue.Outgoing{}, fmt.Errorf("letter %s: %w", x.ID, err)
		}
		return f.Message(1 << 20)
	}
	return queue.Outgoing{Body: body, Attributes: attributes}, nil
}

type exportCmd struct {
	filters
	Out string `required:"" help:"The file; - for standard output." placeholder:"FILE"`
}

// Run exports.
func (c *exportCmd) Run(ctx context.Context, e *env) error {
	filter, err := c.filter(time.Now())
	if err != nil {
		return err
	}
	o, err := e.cli.open(ctx)
	if err != nil {
		return err
	}
	found, err := find(ctx, o, filter, 0)
	if err != nil {
		return err
	}
	if c.Out == "-" {
		return write(e.stdout, found)
	}
	if err := save(c.Out, found); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stderr, "%d letters written to %s; they are still in the queue\n", len(found), c.Out)
	return err
}

func write(w io.Writer, letters []replay.Letter) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range letters {
		if err := enc.Encode(exportedOf(letters[i].Message)); err != nil {
			return fmt.Errorf("writing letters: %w", err)
		}
	}
	return nil
}

// save writes a new file, and returns when it is on the disk.
func save(path string, letters []replay.Letter) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("making the file (one that is there is not written over): %w", err)
	}
	w := bufio.NewWriter(f)
	err = write(w, letters)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// load reads a file that save wrote.
func load(path string) ([]exported, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the letters: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	var out []exported
	dec := json.NewDecoder(bufio.NewReader(f))
	for {
		var x exported
		if err := dec.Decode(&x); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading %s: letter %d is malformed: %w", path, len(out)+1, err)
		}
		out = append(out, x)
	}
}

type importCmd struct {
	File    string `arg:"" help:"What export wrote."`
	Apply   bool   `help:"Do it; without, only say what would be done."`
	Confirm string `help:"The dead-letter queue's name, for one that is not on this machine." placeholder:"QUEUE"`
}

// Run imports.
func (c *importCmd) Run(ctx context.Context, e *env) error {
	letters, err := load(c.File)
	if err != nil {
		return err
	}
	out := make([]queue.Outgoing, len(letters))
	for i, x := range letters {
		if out[i], err = x.outgoing(); err != nil {
			return err
		}
		if err := out[i].Check(1 << 20); err != nil {
			return fmt.Errorf("letter %s: %w", x.ID, err)
		}
	}
	if !c.Apply {
		_, err := fmt.Fprintf(e.stdout, "%d letters would be put into the dead-letter queue. Nothing was done: add --apply.\n", len(out))
		return err
	}
	o, err := e.cli.open(ctx)
	if err != nil {
		return err
	}
	if err := o.guard(c.Confirm, o.dlqName); err != nil {
		return err
	}
	if err := queue.SendAll(ctx, o.dlq, out, queue.Retry{}); err != nil {
		return fmt.Errorf("importing letters: %w", err)
	}
	act := replay.Act{Type: replay.TypeImported, Run: uuid.NewString(), Started: time.Now(), Actor: actor(), DLQ: o.dlqName, Letters: int64(len(out))}
	if err := act.Tell(ctx, o.main); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%d letters put into %s\n", len(out), o.dlqName)
	return err
}

type purgeCmd struct {
	filters
	Backup  string `required:"" help:"A new file for what is deleted." placeholder:"FILE"`
	Apply   bool   `help:"Do it; without, only say what would be done."`
	Confirm string `help:"The dead-letter queue's name, for one that is not on this machine." placeholder:"QUEUE"`
}

// Run purges: it deletes exactly what it finds in the backup when it reads that
// back.
func (c *purgeCmd) Run(ctx context.Context, e *env) error {
	filter, err := c.filter(time.Now())
	if err != nil {
		return err
	}
	o, err := e.cli.open(ctx)
	if err != nil {
		return err
	}
	if !c.Apply {
		found, err := find(ctx, o, filter, 0)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, "%d letters would be written to %s and deleted. Nothing was done: add --apply.\n", len(found), c.Backup)
		return err
	}
	if err := o.guard(c.Confirm, o.dlqName); err != nil {
		return err
	}
	r := o.reader()
	found, err := held(ctx, r, filter)
	if err == nil {
		err = save(c.Backup, found)
	}
	var safe []exported
	if err == nil {
		safe, err = load(c.Backup)
	}
	if err != nil {
		return errors.Join(err, r.GiveBack(ctx))
	}
	var ids []string
	for _, x := range safe {
		ids = append(ids, x.ID)
	}
	err = errors.Join(r.Delete(ctx, ids), r.GiveBack(ctx))
	if err != nil {
		return err
	}
	act := replay.Act{Type: replay.TypePurged, Run: uuid.NewString(), Started: time.Now(), Actor: actor(), DLQ: o.dlqName, Letters: int64(len(ids)), Filter: filter}
	if err := act.Tell(ctx, o.main); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%d letters deleted; they are in %s (dlq-replay import puts them back)\n", len(ids), c.Backup)
	return err
}
