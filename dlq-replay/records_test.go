package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polo/internal/cli"
	"polo/internal/queue"
	"polo/local/sqsserver"
	"polo/producers"
)

const trailRecord = `{"eventVersion":"1.08","eventTime":"2026-03-04T05:06:07Z","eventSource":"s3.amazonaws.com","eventName":"CreateBucket","awsRegion":"eu-west-1",` +
	`"eventID":"5ad0c38a-4bd9-4a2c-8b0b-9e8b27c0b3fb","recipientAccountId":"123456789012","requestParameters":{"bucketName":"b"}}`

// The source that a letter names makes events from its rejected record, even for a letter from
// before sources were named. If the source makes no events from records, the letter stays.
func TestRecordsAreNormalisedByTheirSource(t *testing.T) {
	t.Parallel()
	b := newBroker(t, sqsserver.Options{})
	for i, from := range []string{"aws.cloudtrail", "", "aws.ec2", "aws.nothing"} {
		b.fail(t, queue.Failure{
			Reason: queue.ReasonMalformedRecord, Err: "e", Unit: queue.UnitRecord, Source: from, Body: []byte(trailRecord), Origin: "a.json#" + string(rune('1'+i)),
			FirstSeen: at, LastSeen: at,
		})
	}
	var found listing
	b.must(t, &found, "list")
	sources := map[string]bool{}
	for _, g := range found.Groups {
		sources[g.Source] = true
	}
	if len(sources) != 4 || !sources["aws.ec2"] || !sources["-"] {
		t.Errorf("the letters are of %v", sources)
	}
	out, code := b.run(t, "replay", "--all", "--apply", "--journal", filepath.Join(t.TempDir(), "j"), "--slow-start", "0s")
	if code != cli.ExitIncomplete || !strings.Contains(out, "2 letters sent") || !strings.Contains(out, `cannot normalise records of the source "aws.ec2"`) || !strings.Contains(out, `"aws.nothing"`) {
		t.Errorf("exit code %d: %s", code, out)
	}
	if n := len(all(t, b.dlq)); n != 2 {
		t.Errorf("%d letters are left", n)
	}
}

func TestRecordsKeepWhenTheyWereObserved(t *testing.T) {
	t.Parallel()
	records, err := recordsOf(producers.Identity{})
	if err != nil {
		t.Fatal(err)
	}
	observed := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
	events, err := records("aws.cloudtrail", []byte(trailRecord), observed)
	if err != nil || len(events) != 2 {
		t.Fatalf("%d events, error %v", len(events), err)
	}
	for i := range events {
		if !events[i].ObservedAt.Equal(observed) || events[i].Source != "aws.cloudtrail" {
			t.Errorf("%s of %s is observed at %s", events[i].EventType, events[i].Source, events[i].ObservedAt)
		}
	}
}
