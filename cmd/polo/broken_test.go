package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"polo/local/stack"
	"polo/producers/tree/treetest"
)

// lettersIn counts the letters in a data directory's dead-letter queue.
func lettersIn(t *testing.T, data string) int {
	t.Helper()
	s, err := stack.Open(t.Context(), stack.Options{Dir: data, Command: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	stats, err := s.Own.DLQ.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return stats.Visible + stats.InFlight + stats.Delayed
}

func ingested(t *testing.T, input, data string) ingestSummary {
	t.Helper()
	out, _, err := polo(t, "ingest", "--input", input, "--data", data, "--json")
	if err != nil {
		t.Fatal(err)
	}
	var s ingestSummary
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, n := range s.Reasons {
		sum += n
	}
	if int64(sum) != s.Failed || s.DLQ != s.Failed {
		t.Errorf("failed %d, of them in the dead-letter queue %d; the reasons %v add up to %d", s.Failed, s.DLQ, s.Reasons, sum)
	}
	return s
}

// brokenFolder has one failure of each kind: few and very many bad records, one larger than a
// letter, one with an invalid time, a row of a bill, a recorded answer.
func brokenFolder(t *testing.T) string {
	t.Helper()
	dir := write(t, "broken1", "broken2", "good")
	put := func(name, text string) { treetest.Write(t, dir, map[string]string{name: text}) }
	var flood strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&flood, "{\"eventID\":%d}\n", i)
		if i%1000 == 0 {
			flood.WriteString(strings.ReplaceAll(record, "%ID%", fmt.Sprintf("flood-%d", i)) + "\n")
		}
	}
	put("flood.json", flood.String())
	put("large.json", `{"eventID":7,"x":"`+strings.Repeat("y", 700<<10)+`"}`)
	put("early.json", strings.ReplaceAll(strings.ReplaceAll(record, "%ID%", "early"), "2026-", "1826-"))
	put("bill.csv", "bill/PayerAccountId,lineItem/UsageAccountId,lineItem/UsageStartDate,lineItem/UsageEndDate,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,identity/LineItemId,identity/TimeInterval,lineItem/UnblendedCost,lineItem/CurrencyCode,lineItem/LineItemType,lineItem/ProductCode\n"+
		"111111111111,111111111111,2026-02-01T00:00:00Z,2026-02-01T01:00:00Z,2026-02-01T00:00:00Z,2026-03-01T00:00:00Z,l1,2026-02-01T00:00:00Z/2026-02-01T01:00:00Z,many,USD,Usage,AmazonEC2\n")
	put("ec2.DescribeInstances_1.json", `{"Reservations": 7}`)
	return dir
}

func TestBrokenFolderIngestedAgain(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := again(t, brokenFolder(t), data)
	if s.Reasons["malformed_record"] != 50_005 {
		t.Errorf("failed as %v", s.Reasons)
	}
	if letters := lettersIn(t, data); letters > 12 {
		t.Errorf("%d letters, want one for the file of 50,000 bad records", letters)
	}
}

// again ingests an input twice, and requires the same letters and reasons of the second.
func again(t *testing.T, input, data string) ingestSummary {
	t.Helper()
	first := ingested(t, input, data)
	letters := lettersIn(t, data)
	t.Logf("failed %d as %v in %d letters", first.Failed, first.Reasons, letters)
	second := ingested(t, input, data)
	if !maps.Equal(first.Reasons, second.Reasons) {
		t.Errorf("the second time failed as %v, the first as %v", second.Reasons, first.Reasons)
	}
	if again := lettersIn(t, data); again != letters {
		t.Errorf("%d letters after the second time, %d before it", again, letters)
	}
	return first
}

// log writes n records.
func log(t *testing.T, dir, name string, n int, record func(i int) string) {
	t.Helper()
	var b strings.Builder
	for i := range n {
		b.WriteString(record(i) + "\n")
	}
	treetest.Write(t, dir, map[string]string{name: b.String()})
}

func numbered(name string) func(int) string {
	return func(i int) string { return strings.ReplaceAll(record, "%ID%", fmt.Sprintf("%s-%d", name, i)) }
}

// A file with many invalid events has one letter, however often it is ingested.
func TestInvalidEventsIngestedAgain(t *testing.T) {
	t.Parallel()
	input, data := t.TempDir(), t.TempDir()
	log(t, input, "aggregated.json", 300, func(i int) string {
		return fmt.Sprintf(`{"eventVersion":"1.11","eventCategory":"Aggregated","eventType":"AwsAggregatedEvent","eventID":"a-%d","awsRegion":"eu-west-1","recipientAccountId":"111122223333",`+
			`"eventSource":"s3.amazonaws.com","timeWindow":{"windowStart":"2026-03-01T10:05:00Z","windowEnd":"2026-03-01T10:00:00Z"}}`, i)
	})
	log(t, input, "good.json", 300, numbered("good"))
	if s := again(t, input, data); s.Reasons["invalid_event"] != 300 {
		t.Errorf("failed as %v", s.Reasons)
	}
}
