package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"polo/internal/cli"
	"polo/producers/cloudtrail"
)

type explainCmd struct {
	Record string `arg:"" help:"A file with a CloudTrail record or with several, also compressed by gzip; - is standard input."`
	Event  string `placeholder:"ID" help:"The eventID of the record to explain; all of the file by default."`
	JSON   bool   `help:"Print JSON, one object a record."`
}

// Help gives examples.
func (explainCmd) Help() string {
	return `Prints which resource the call acted on and why: every resource that the record names, with what
speaks for and against it, and the edges that follow.

Examples:

  polo explain record.json
  polo explain --event 0c2e4a86-1111-2222-3333-444455556666 log.json
  polo explain --json record.json`
}

// maxExplained bounds the file: CloudTrail's own hold about 50 MB.
const maxExplained = 128 << 20

// Run explains every record that was asked for. A record that cannot be read is an error, which
// names it.
func (c *explainCmd) Run(_ context.Context, e *env) error {
	in := e.Stdin
	if c.Record != "-" {
		f, err := os.Open(c.Record)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // it was only read
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return cli.Usage("%s is a folder: give one file of it", c.Record)
		}
		in = f
	}
	head := bufio.NewReader(in)
	in = head
	if magic, err := head.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		if in, err = gzip.NewReader(head); err != nil {
			return fmt.Errorf("reading %s: %w", c.Record, err)
		}
	}
	data, err := io.ReadAll(io.LimitReader(in, maxExplained+1))
	if err != nil {
		return fmt.Errorf("reading %s: %w", c.Record, err)
	}
	if len(data) > maxExplained {
		return fmt.Errorf("%s: more than %d MiB: give a part of it", c.Record, maxExplained>>20)
	}
	n, shown := cloudtrail.NewNormaliser(cloudtrail.Config{}), 0
	for i, record := range recordsOf(data) {
		x, err := n.Explain(record, time.Now())
		if err != nil {
			return fmt.Errorf("%s: record %d: %w", c.Record, i+1, err)
		}
		if c.Event != "" && x.EventID != c.Event {
			continue
		}
		shown++
		if err := c.print(e, x); err != nil {
			return err
		}
	}
	if shown == 0 {
		return fmt.Errorf("%s: no record has the eventID %q", c.Record, c.Event)
	}
	return nil
}

// recordsOf are the records of a log file, or the one that data is.
func recordsOf(data []byte) []json.RawMessage {
	var file struct{ Records []json.RawMessage }
	if err := json.Unmarshal(data, &file); err == nil && len(file.Records) > 0 {
		return file.Records
	}
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err == nil && len(list) > 0 {
		return list
	}
	return []json.RawMessage{data}
}

func (c *explainCmd) print(e *env, x cloudtrail.Explanation) error {
	if c.JSON {
		return e.PrintJSON(x)
	}
	var b strings.Builder
	arn := x.ARN
	if arn == "" {
		arn = "no ARN"
	}
	fmt.Fprintf(&b, "%s %s %s: %s (%s)\n", x.EventID, x.Service, x.Operation, arn, x.How)
	if x.Noun != "" {
		fmt.Fprintf(&b, "  acts on: %s; change: %s\n", x.Noun, x.Change)
	}
	for _, event := range x.Events[1:] {
		fmt.Fprintf(&b, "  %s %s\n", event.EventType, event.ARN)
	}
	for _, candidate := range x.Candidates {
		chosen, name := " ", candidate.ARN
		if candidate.Chosen {
			chosen = "*"
		}
		if name == "" {
			name = candidate.Type + " " + candidate.Value + ", which has no ARN here"
		}
		fmt.Fprintf(&b, "%s %5d  %s\n         in %s, %s\n", chosen, candidate.Score, name, candidate.Member, candidate.How)
		for _, s := range candidate.Signals {
			fmt.Fprintf(&b, "         %+5d %s\n", s.Score, s.Reason)
		}
		if candidate.Depth > 0 {
			fmt.Fprintf(&b, "         %+5d depth in the record\n", -candidate.Depth)
		}
		if candidate.Relation != "" {
			fmt.Fprintf(&b, "         edge: %s\n", candidate.Relation)
		}
	}
	if len(x.Candidates) > 0 {
		fmt.Fprintf(&b, "* has the best score; below %d the call acts on no resource that it names\n", x.Needed)
	}
	_, err := io.WriteString(e.Stdout, b.String())
	return err
}
