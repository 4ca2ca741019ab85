package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/internal/cli"
)

// money is the sum of a source's cost lines.
type money struct {
	Source   string          `json:"source"`
	Currency string          `json:"currency"`
	Lines    int64           `json:"lines"`
	Cost     decimal.Decimal `json:"cost"`
	// About reports that there were too many lines to record each: repeated lines then count twice.
	About bool `json:"about,omitempty"`
}

// String returns the sum for a person.
func (m money) String() string {
	about := ""
	if m.About {
		about = "about "
	}
	return fmt.Sprintf("%s%s %s of %s (%d lines)", about, m.Cost, m.Currency, m.Source, m.Lines)
}

// maxKnownLines bounds the lines of answers that are recorded one by one.
const maxKnownLines = 1 << 18

// costTally sums the cost lines as they are emitted: those of API answers, and those without an
// account. The bills' own sums come from their reader.
type costTally struct {
	mu                 sync.Mutex
	costs, unaccounted map[[2]string]*money
	// known are the lines of answers, because several answers may contain one line.
	known map[uuid.UUID]line
}

// line is a cost line as last stated.
type line struct {
	observed time.Time
	cost     decimal.Decimal
}

func newCostTally() *costTally {
	return &costTally{costs: map[[2]string]*money{}, unaccounted: map[[2]string]*money{}, known: map[uuid.UUID]line{}}
}

func (t *costTally) take(e *envelope.ResourceEvent) {
	if e.EventType != envelope.TypeCostAccrued {
		return
	}
	ofBill := e.Properties.Has(envelope.PropDelivery)
	if ofBill && e.AccountID != "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	lines, cost, about := int64(1), e.CostAmount.Decimal, false
	if !ofBill {
		before, again := t.known[e.EventID]
		switch {
		case again && e.ObservedAt.Before(before.observed):
			return
		case again:
			lines, cost = 0, cost.Sub(before.cost)
		case len(t.known) == maxKnownLines:
			about = true
		}
		if !about {
			t.known[e.EventID] = line{e.ObservedAt, e.CostAmount.Decimal}
		}
		add(t.costs, e, lines, cost, about)
	}
	if e.AccountID == "" {
		add(t.unaccounted, e, lines, cost, about)
	}
}

func add(to map[[2]string]*money, e *envelope.ResourceEvent, lines int64, cost decimal.Decimal, about bool) {
	key := [2]string{e.Source, e.Currency}
	m := to[key]
	if m == nil {
		m = &money{Source: e.Source, Currency: e.Currency}
		to[key] = m
	}
	m.Lines, m.Cost, m.About = m.Lines+lines, m.Cost.Add(cost), m.About || about
}

// inOrder returns the sums by source and currency.
func inOrder(sums map[[2]string]*money) []money {
	var out []money
	for _, key := range slices.SortedFunc(maps.Keys(sums), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		out = append(out, *sums[key])
	}
	return out
}

// printMoney prints the sums of API answers, and a warning for costs without an account.
func (s ingestSummary) printMoney(e *env) error {
	for _, m := range s.Costs {
		if _, err := fmt.Fprintln(e.Stdout, "costs: "+m.String()); err != nil {
			return err
		}
	}
	for _, m := range s.Unaccounted {
		if _, err := fmt.Fprintln(e.Stdout, "WARNING: of no account: "+m.String()); err != nil {
			return err
		}
	}
	return nil
}

// unaccounted returns the error for costs without an account.
func (s *ingestSummary) unaccounted() error {
	if len(s.Unaccounted) == 0 {
		return nil
	}
	texts := make([]string, len(s.Unaccounted))
	for i, m := range s.Unaccounted {
		texts[i] = m.String()
	}
	return cli.Incomplete("costs name no account, and count in none: %s; of recorded answers give --account ID, of a bill an export with the account of each line "+
		"(line_item_usage_account_id, SubAccountId), and ingest into a new data directory: here they would count beside these", strings.Join(texts, ", "))
}
