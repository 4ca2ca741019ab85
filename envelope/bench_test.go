package envelope_test

import (
	"fmt"
	"testing"
	"time"

	"polo/envelope"
)

// callEvent returns a typical CloudTrail API call.
func callEvent(i int) envelope.ResourceEvent {
	ts := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	id := fmt.Sprintf("i-%08x", i)
	return envelope.ResourceEvent{
		EventID: envelope.NewEventID("aws.cloudtrail", ts, id), EventType: envelope.TypeAPICall, Source: "aws.cloudtrail",
		TS: ts, ObservedAt: ts, ARN: "arn:aws:ec2:us-east-1:111122223333:instance/" + id, Platform: envelope.PlatformAWS,
		AccountID: "111122223333", Region: "us-east-1", Service: "ec2", ResourceType: "ec2:instance", ResourceID: id,
		Actor: "arn:aws:iam::111122223333:user/jo",
		Properties: envelope.PairsOf(map[string]string{
			"event_name": "DescribeInstances", "event_source": "ec2.amazonaws.com", "user_agent": "aws-cli/2.1",
			"source_ip": "10.1.2.3", "read_only": "true", "event_version": "1.08", "recipient_account_id": "111122223333",
			"request_parameters": `{"instancesSet":{"items":[{"instanceId":"i-0abc"}]},"filterSet":{}}`,
			"request_id":         fmt.Sprint("b9c3d881-1e77-426c-abd3-", i),
		}),
	}
}

func callEvents(n int) []envelope.ResourceEvent {
	events := make([]envelope.ResourceEvent, n)
	for i := range events {
		events[i] = callEvent(i)
	}
	return events
}

func BenchmarkPack(b *testing.B) {
	const n = 500
	events := callEvents(n)
	perSecond := func(b *testing.B) {
		b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "events/s")
	}
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var lines [][]byte
			for i := range events {
				lines = append(lines, events[i].AppendJSON(make([]byte, 0, 1500)))
			}
			if packs, _, err := envelope.EncodePacks("aws.cloudtrail", lines, 256<<10); err != nil || len(packs) != 1 {
				b.Fatal(len(packs), err)
			}
		}
		perSecond(b)
	})
	body := pack(b, linesOf(events)...)
	d := newDecoder(b)
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if p, err := d.Decode(body); err != nil || len(p.Lines) != n || p.Lines[3].Err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b)
	})
	b.Run("validate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i := range events {
				if err := events[i].Validate(); err != nil {
					b.Fatal(err)
				}
			}
		}
		perSecond(b)
	})
}
