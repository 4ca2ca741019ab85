package faults_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/local/chdb"
	"polo/local/stack"
)

// Completions arrive before what they complete, and messages arrive twice: until
// everything of a scan or a delivery has landed, what was known before stays.
func TestCompletionsOvertake(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	r := newRig(t)
	c := r.startConsumer(t)
	const things, lines = 40, 30
	snapshot := func(run, n int) envelope.ResourceEvent {
		at := day.AddDate(0, 0, run)
		e := envelope.ResourceEvent{
			EventType: envelope.TypeSnapshot, Source: "test", TS: at, ObservedAt: at, AccountID: "000000000001", Region: "eu-west-1",
			ARN: fmt.Sprintf("arn:aws:ec2:eu-west-1:000000000001:instance/i-%d", n), ResourceType: "ec2:instance",
		}
		e.EventID = envelope.NewEventID(e.Source, at, e.ARN)
		return e
	}
	ended := func(run int, resourceType string, properties map[string]string) envelope.ResourceEvent {
		at := day.AddDate(0, 0, run)
		e := envelope.ResourceEvent{
			EventType: envelope.TypeScanCompleted, Source: "test", TS: at, ObservedAt: at, AccountID: "000000000001", Region: "eu-west-1",
			ResourceType: resourceType, Properties: envelope.PairsOf(properties),
		}
		if resourceType == "" {
			e.TS, e.PeriodEnd, e.Region = day, day.AddDate(0, 1, 0), ""
		}
		e.EventID = envelope.NewEventID(e.Source, e.TS, "end", resourceType, strconv.Itoa(run))
		return e
	}
	line := func(run, n int) envelope.ResourceEvent {
		e := envelope.ResourceEvent{
			EventType: envelope.TypeCostAccrued, Source: "test", TS: day.Add(time.Duration(n) * time.Hour), ObservedAt: day.AddDate(0, 0, run),
			AccountID: "000000000001", CostAmount: decimal.NullDecimal{Decimal: decimal.New(int64(run*run), 0), Valid: true}, Currency: "USD",
			Properties: envelope.PairsOf(map[string]string{"billing_period": day.Format(time.DateOnly), "delivery": fmt.Sprint("d", run)}),
		}
		e.EventID = envelope.NewEventID(e.Source, e.TS, fmt.Sprint(run, " ", n))
		return e
	}
	// Run 1 has everything; run 2 has half as much.
	text := func(e envelope.ResourceEvent) []byte { return e.AppendJSON(nil) }
	statementsOf := func(run int) (all [][]byte) {
		for n := range things / run {
			all = append(all, text(snapshot(run, n)))
		}
		for n := range lines / run {
			all = append(all, text(line(run, n)))
		}
		return all
	}
	endsOf := func(run int) [][]byte {
		return [][]byte{
			text(ended(run, "ec2:instance", map[string]string{"events": strconv.Itoa(things / run)})),
			text(ended(run, "", map[string]string{"events": strconv.Itoa(lines / run), "delivery": fmt.Sprint("d", run)})),
		}
	}
	conn, err := stack.Connect(r.engine().TCPAddr, chdb.Database, r.engine().Users.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	state := func() string {
		t.Helper()
		var resources, gaps uint64
		var cost string
		if err := conn.QueryRow(t.Context(), "SELECT (SELECT count() FROM resources_current), (SELECT toString(sum(cost)) FROM cost_rollup_daily), (SELECT count() FROM coverage_gaps)").Scan(&resources, &cost, &gaps); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d resources, %s USD, %d gaps", resources, cost, gaps)
	}
	send := func(statements [][]byte) {
		t.Helper()
		for _, p := range packsOf(t, random, statements, 10) {
			r.send(t, p, p)
		}
		r.awaitEmpty(t)
	}
	send(append(statementsOf(1), endsOf(1)...))
	before := fmt.Sprintf("%d resources, %d USD, 0 gaps", things, lines)
	if got := state(); got != before {
		t.Fatalf("%s, want %s", got, before)
	}
	send(endsOf(2))
	all := statementsOf(2)
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	half := len(all) / 2
	for _, part := range [][][]byte{all[:half], all[half : len(all)-1]} {
		if got, want := state(), fmt.Sprintf("%d resources, %d USD, 2 gaps", things, lines); got != want {
			t.Errorf("while it arrives: %s, want %s", got, want)
		}
		send(part)
	}
	send(all)
	if got, want := state(), fmt.Sprintf("%d resources, %d USD, 0 gaps", things/2, lines/2*4); got != want {
		t.Errorf("all arrived: %s, want %s", got, want)
	}
	c.stop(t)
}
