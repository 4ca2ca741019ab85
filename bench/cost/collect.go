package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/internal/queue/sqs"
	"polo/local/stack"
	"polo/producers"
	"polo/producers/cloudtrail"
)

// collectCommand makes this program a collector: a separate process, whose CPU time is only
// the collector's.
const collectCommand = "collect"

// The most events of a pack: packedFull is the publisher's default; unpackedSize is one,
// without the publisher.
const packedFull, unpackedSize = 0, 1

// collector starts a collector that publishes the files of a folder, and waits for it.
func collector(ctx context.Context, e stack.Endpoints, input string, pack int) (figures, error) {
	self, err := os.Executable()
	if err != nil {
		return figures{}, fmt.Errorf("finding this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, collectCommand, "-input", input, "-endpoint", e.SQS, "-queue", e.QueueURL, "-dlq", e.DLQURL, fmt.Sprint("-pack=", pack))
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return figures{}, fmt.Errorf("collecting: %w", err)
	}
	var f figures
	if err := json.Unmarshal(text, &f); err != nil {
		return figures{}, fmt.Errorf("reading what the collector did: %w", err)
	}
	f.CollectorCPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return f, nil
}

// collectMain is the main function of that process.
func collectMain(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet(collectCommand, flag.ContinueOnError)
	input, endpoint := flags.String("input", "", "the files"), flags.String("endpoint", "", "of SQS")
	queueURL, dlqURL := flags.String("queue", "", "its URL"), flags.String("dlq", "", "its URL")
	pack := flags.Int("pack", packedFull, "the most events of a message")
	if err := flags.Parse(args); err != nil {
		return err
	}
	client := sqs.NewClient(stack.AWSConfig(), *endpoint)
	counted := &sending{API: client}
	to, dlq := sqs.New(counted, *queueURL, sqs.Options{}), sqs.New(client, *dlqURL, sqs.Options{})
	files := cloudtrail.Files{
		// One worker: an invocation has less than one CPU.
		Input: *input, Workers: 1, ObservedAt: time.Now().UTC().Truncate(time.Millisecond),
		Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{Identity: producers.DefaultIdentity().OfTags}),
	}
	var events, raw int64
	var err error
	if *pack == unpackedSize {
		events, raw, err = singleFiles(ctx, files, to)
	} else {
		events, raw, err = packedFiles(ctx, files, to, dlq, *pack)
	}
	if err != nil {
		return err
	}
	counted.f.Events, counted.f.RawBytes = events, raw
	return json.NewEncoder(stdout).Encode(counted.f)
}

// packedFiles publishes as collectors do.
func packedFiles(ctx context.Context, files cloudtrail.Files, to, dlq queue.Sender, pack int) (events, raw int64, err error) {
	p, err := producers.NewPublisher(producers.PublisherConfig{Source: cloudtrail.SourceCloudTrail, Queue: to, DeadLetter: dlq, MaxEvents: pack})
	if err != nil {
		return 0, 0, err
	}
	_, err = files.Collect(ctx, p)
	if err == nil {
		err = p.Flush(ctx)
	}
	if err = errors.Join(err, p.Close()); err != nil {
		return 0, 0, err
	}
	s := p.Stats()
	if s.Failed > 0 {
		return 0, 0, fmt.Errorf("%d records failed", s.Failed)
	}
	return s.Published, s.RawBytes, nil
}

// single sends each event in its own message, in full batches: the best case of the
// alternative to packs. It is not safe for concurrent use.
type single struct {
	to          queue.Sender
	waiting     []queue.Outgoing
	events, raw int64
}

// Emit implements producers.Emitter.
func (s *single) Emit(ctx context.Context, events ...envelope.ResourceEvent) error {
	for i := range events {
		line := events[i].AppendJSON(nil)
		packs, tooLarge, err := envelope.EncodePacks(cloudtrail.SourceCloudTrail, [][]byte{line}, s.to.Limits().MaxMessage)
		if err != nil || len(tooLarge) > 0 || len(packs) != 1 {
			return fmt.Errorf("encoding one event: %d packs, %d too large: %w", len(packs), len(tooLarge), err)
		}
		s.events++
		s.raw += int64(len(line))
		s.waiting = append(s.waiting, queue.Outgoing{Body: packs[0].Body})
		if len(s.waiting) == s.to.Limits().MaxEntries {
			if err := s.flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// Reject implements producers.Emitter. No record of the sample fails.
func (s *single) Reject(_ context.Context, f queue.Failure) error {
	return fmt.Errorf("a record failed: %s: %s", f.Reason, f.Err)
}

func (s *single) flush(ctx context.Context) error {
	err := queue.SendAll(ctx, s.to, s.waiting, queue.Retry{})
	s.waiting = s.waiting[:0]
	return err
}

func singleFiles(ctx context.Context, files cloudtrail.Files, to queue.Sender) (events, raw int64, err error) {
	s := &single{to: to}
	if _, err := files.Collect(ctx, s); err != nil {
		return 0, 0, err
	}
	return s.events, s.raw, s.flush(ctx)
}
