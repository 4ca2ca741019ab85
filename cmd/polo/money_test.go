package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/internal/cli"
	"polo/producers/tree/treetest"
)

const (
	billHead = "bill/PayerAccountId,lineItem/UsageAccountId,lineItem/UsageStartDate,lineItem/UsageEndDate,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,identity/LineItemId," +
		"identity/TimeInterval,lineItem/UnblendedCost,lineItem/CurrencyCode,lineItem/LineItemType,lineItem/ProductCode\n"
	billRow = "%PAYER%,%ACCOUNT%,2026-02-01T00:00:00Z,2026-02-01T01:00:00Z,2026-02-01T00:00:00Z,2026-03-01T00:00:00Z,%ID%," +
		"2026-02-01T00:00:00Z/2026-02-01T01:00:00Z,1.5,USD,Usage,AmazonEC2\n"
	costs = `{"GroupDefinitions":[{"Type":"DIMENSION","Key":"SERVICE"}],"ResultsByTime":[{"TimePeriod":{"Start":"2026-03-10","End":"2026-03-11"},"Total":{},` +
		`"Groups":[{"Keys":["Glue"],"Metrics":{"UnblendedCost":{"Amount":"2.25","Unit":"USD"}}},{"Keys":["Lambda"],"Metrics":{"UnblendedCost":{"Amount":"4","Unit":"USD"}}}]}]}`
)

// summaryOf returns the summary of an ingest, with its error.
func summaryOf(t *testing.T, args ...string) (s ingestSummary, err error) {
	t.Helper()
	out, _, err := polo(t, append([]string{"ingest", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	return s, err
}

// Costs without an account are summed, reported with a warning, and fail the command. With an
// account they have neither.
func TestCostsWithoutAccount(t *testing.T) {
	t.Parallel()
	data, answers := t.TempDir(), treetest.Folder(t, map[string]string{"ce.get-cost-and-usage_1.json": costs})
	s, err := summaryOf(t, answers, "--data", data)
	if cli.Code(err) != cli.ExitIncomplete || !strings.Contains(err.Error(), "6.25 USD of aws.cost_explorer (2 lines)") || !strings.Contains(err.Error(), "--account ID") {
		t.Errorf("error %v", err)
	}
	if len(s.Costs) != 1 || len(s.Unaccounted) != 1 || s.Unaccounted[0].String() != "6.25 USD of aws.cost_explorer (2 lines)" {
		t.Errorf("costs %v, of no account %v", s.Costs, s.Unaccounted)
	}
	var out bytes.Buffer
	if err := s.printMoney(&env{Streams: cli.NewStreams(nil, &out, &out)}); err != nil ||
		!strings.HasPrefix(out.String(), "costs: 6.25 USD of aws.cost_explorer (2 lines)\nWARNING: of no account: 6.25 USD") {
		t.Errorf("a person reads %q, %v", out.String(), err)
	}
	if s, err = summaryOf(t, answers, "--data", t.TempDir(), "--account", "111122223333"); err != nil || len(s.Unaccounted) != 0 || len(s.Costs) != 1 || s.Costs[0].Lines != 2 {
		t.Errorf("with an account: %v, %+v", err, s)
	}
}

// The same bill again inserts nothing new, and a bill's line without an account is reported.
func TestBillIngestedAgain(t *testing.T) {
	t.Parallel()
	row := func(payer, account, id string) string {
		return strings.NewReplacer("%PAYER%", payer, "%ACCOUNT%", account, "%ID%", id).Replace(billRow)
	}
	data, bill := t.TempDir(), treetest.Folder(t, map[string]string{"bill.csv": billHead + row("111122223333", "111122223333", "a") + row("111122223333", "444455556666", "b")})
	first, err := summaryOf(t, bill, "--data", data)
	if err != nil || first.Inserted != first.Published || first.Inserted == 0 || first.Duplicates != 0 {
		t.Errorf("the first time: %v, %+v", err, first)
	}
	second, err := summaryOf(t, bill, "--data", data)
	if err != nil || second.Inserted != 0 || second.Duplicates != first.Inserted || second.Published != first.Published {
		t.Errorf("the second time: %v, %+v", err, second)
	}
	bare := treetest.Folder(t, map[string]string{"bill.csv": billHead + row("", "", "a")})
	if s, err := summaryOf(t, bare, "--data", t.TempDir()); cli.Code(err) != cli.ExitIncomplete || len(s.Unaccounted) != 1 || s.Unaccounted[0].Source != "aws.cur" || len(s.Costs) != 0 {
		t.Errorf("without an account: %v, %+v", err, s)
	}
}

// A line in several answers counts once, as last observed.
func TestCostTally(t *testing.T) {
	t.Parallel()
	tally := newCostTally()
	id, at := uuid.New(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i, amount := range []string{"1.5", "2.5", "9"} {
		e := envelope.ResourceEvent{
			EventID: id, EventType: envelope.TypeCostAccrued, Source: "s", Currency: "USD", ObservedAt: at.Add([]time.Duration{0, time.Hour, time.Minute}[i]),
			CostAmount: decimal.NewNullDecimal(decimal.RequireFromString(amount)),
		}
		tally.take(&e)
	}
	if got := inOrder(tally.costs); len(got) != 1 || got[0].String() != "2.5 USD of s (1 lines)" {
		t.Errorf("%v", got)
	}
}
