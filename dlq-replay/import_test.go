package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"polo/dlq-replay/replay"
	"polo/envelope"
	"polo/internal/cli"
	"polo/internal/queue"
	"polo/internal/queue/sqs"
	"polo/local/sqsserver"
	"polo/local/stack"
)

func opening(t *testing.T, m queue.Message) replay.Letter {
	t.Helper()
	d, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		t.Fatal(err)
	}
	return replay.Open(m, d)
}

// redrive makes the queue itself move messages to the dead-letter queue.
func (b *broker) redrive(t *testing.T, bodies ...string) {
	t.Helper()
	client := sqs.NewClient(stack.AWSConfig(), b.url)
	arn, err := identity(t.Context(), client, "", b.dlq.URL())
	if err != nil {
		t.Fatal(err)
	}
	name := "source"
	if _, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{
		"MaximumMessageSize": "1048576", "VisibilityTimeout": "0", "RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":1}`, arn),
	}}); err != nil {
		t.Fatal(err)
	}
	source, err := sqs.Open(t.Context(), client, name)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range bodies {
		if err := queue.SendAll(t.Context(), source, []queue.Outgoing{{Body: body}}, queue.Retry{}); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 * len(bodies) {
		if _, err := source.Receive(t.Context(), 10, 0); err != nil {
			t.Fatal(err)
		}
	}
}

// largePack returns a pack of exactly the size limit of a message.
func largePack(t *testing.T) string {
	t.Helper()
	// The text does not compress much. The test searches for the size, because base64 in a pack
	// compresses.
	for n := 1 << 19; ; {
		e := event(1, func(e *envelope.ResourceEvent) { e.Properties = envelope.PairsOf(map[string]string{"x": noise(n)}) })
		packs, _, err := envelope.EncodePacks("test", [][]byte{e.AppendJSON(nil)}, 1<<20)
		switch {
		case err != nil:
			t.Fatal(err)
		case len(packs) == 0:
			t.Fatalf("%d bytes fit no pack", n)
		}
		room := 1<<20 - len(packs[0].Body)
		if room < 16 {
			return packs[0].Body + strings.Repeat(" ", room)
		}
		n += max(room/2, 1)
	}
}

// A message that the queue moved here is purged and imported again, even if it leaves no room for a
// record that says so.
func TestPurgeAndImportOfMovedMessages(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	pack := largePack(t)
	b.redrive(t, noise(1<<20), pack, "a small one")
	for i := range 20 {
		b.fail(t, failure(queue.ReasonRefusedEvent, event(i)))
	}
	file := filepath.Join(t.TempDir(), "letters")
	if out, code := b.run(t, "purge", "--all", "--backup", file, "--apply"); code != 0 || !strings.Contains(out, "23 letters deleted") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	if out, code := b.run(t, "import", file, "--apply"); code != 0 || !strings.Contains(out, "23 letters put") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	reasons := map[string]int{}
	letters := all(t, b.dlq)
	for _, m := range letters {
		l := opening(t, m)
		reasons[l.Reason()]++
		if m.Body == pack {
			planner := replay.Planner{MaxReplays: 3, MaxMessage: 1 << 20}
			if parcel, err := planner.Plan(&l); err != nil || parcel.Messages[0].Body != pack {
				t.Errorf("the pack cannot be replayed: %v", err)
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"refused_event": 20, "redriven": 2, replay.ReasonUnknown: 1}, reasons); diff != "" {
		t.Errorf("what is back (-want +got):\n%s", diff)
	}
}

// shrink lowers the dead-letter queue's message size limit below that of its messages.
func (b *broker) shrink(t *testing.T) {
	t.Helper()
	url := b.dlq.URL()
	if _, err := sqs.NewClient(stack.AWSConfig(), b.url).SetQueueAttributes(t.Context(), &awssqs.SetQueueAttributesInput{
		QueueUrl: &url, Attributes: map[string]string{"MaximumMessageSize": "2048"},
	}); err != nil {
		t.Fatal(err)
	}
}

// A letter that import could not put back is not purged. One that import cannot put back is named,
// and the others are put back.
func TestImportRefusedByTheQueue(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i := range 20 {
		b.fail(t, failure(queue.ReasonInvalidEvent, event(i)))
	}
	b.fail(t, queue.Failure{Reason: queue.ReasonMalformedPack, Err: "e", Unit: queue.UnitPack, Body: []byte(noise(5000)), LastSeen: at})
	dir := t.TempDir()
	before := filepath.Join(dir, "before")
	b.must(t, nil, "export", "--out", before)
	b.shrink(t)
	if out, code := b.run(t, "purge", "--all", "--backup", filepath.Join(dir, "backup"), "--apply"); code != cli.ExitIncomplete || !strings.Contains(out, "20 letters deleted") || !strings.Contains(out, "stays: import could not") {
		t.Errorf("purge, exit code %d: %s", code, out)
	}
	if out, code := b.run(t, "import", before, "--apply"); code != cli.ExitIncomplete || !strings.Contains(out, "20 letters put") || !strings.Contains(out, "cannot be put back: message too large") {
		t.Errorf("import, exit code %d: %s", code, out)
	}
	if n := len(all(t, b.dlq)); n != 21 {
		t.Errorf("%d letters are there, want 21", n)
	}
}

// An interrupted import continues where it stopped; a finished one can be repeated.
func TestImportContinues(t *testing.T) {
	t.Parallel()
	const letters = 3000
	b := newBroker(t, sqsserver.Options{})
	for i := 0; i < letters; i += 500 {
		var some []queue.Failure
		for k := range 500 {
			some = append(some, failure(queue.ReasonRefusedEvent, event(i+k)))
		}
		b.fail(t, some...)
	}
	file := filepath.Join(t.TempDir(), "letters")
	if out, code := b.run(t, "purge", "--all", "--backup", file, "--apply"); code != 0 {
		t.Fatal(out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			if s, err := b.dlq.Stats(ctx); err == nil && s.Visible >= 500 {
				cancel()
			}
		}
	}()
	var out bytes.Buffer
	err := exec(ctx, []string{"--endpoint", b.url, "--region", "us-east-1", "import", file, "--apply"}, nil, &out, &out)
	if err == nil || !strings.Contains(err.Error(), "the same command continues with the rest") {
		t.Fatalf("it was not interrupted: %v, %s", err, out.String())
	}
	if out, code := b.run(t, "import", file, "--apply"); code != 0 || !strings.Contains(out, "continuing an interrupted import") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	if n := len(all(t, b.dlq)); n != letters {
		t.Errorf("%d letters, and after the same command went on there are %d", letters, n)
	}
	if _, err := os.Stat(file + ".journal"); err == nil {
		t.Error("an import that ended has a journal still")
	}
	if _, audits := sent(t, all(t, b.main)); audits["dlq.imported"] != "finished" {
		t.Errorf("audits %v", audits)
	}
	if out, code := b.run(t, "import", file, "--apply"); code != 0 || !strings.Contains(out, "3000 letters put") {
		t.Errorf("again, exit code %d: %.200s", code, out)
	}
}

// Each interrupted command describes its own state.
func TestInterruptedCommandsSayHowToContinue(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	b.fail(t, failure(queue.ReasonRefusedEvent, event(1)))
	dir := t.TempDir()
	file := filepath.Join(dir, "letters")
	b.must(t, nil, "export", "--out", file)
	for want, args := range map[string][]string{
		"nothing was changed":                          {"list"},
		"the same command continues with the rest":     {"edit", "--reason", "refused_event", "--expr", ".", "--apply"},
		"the journal has those that were":              {"replay", "--all", "--apply", "--journal", filepath.Join(dir, "j")},
		"with another --backup":                        {"purge", "--all", "--apply", "--backup", filepath.Join(dir, "b")},
		"the journal has what was put back; the same ": {"import", file, "--apply"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var out bytes.Buffer
		err := exec(ctx, append([]string{"--endpoint", b.url, "--region", "us-east-1"}, args...), nil, &out, &out)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
