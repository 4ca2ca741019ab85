package envelope

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Bounds of a valid event. Every column of the store can hold these times.
const (
	minYear = 1971
	maxYear = 2200
	// maxObservedYear is the last year that RowVersion holds in full.
	maxObservedYear = 2108
	// maxDecimalDigits bounds both sides of the point: Decimal(76, 38).
	maxDecimalDigits = 38
	maxNameBytes     = 256
)

// A Fault is one rule that an event breaks.
type Fault struct {
	// Field is the JSON name of the field, with an index or key if it has one:
	// "relations[2].target_arn".
	Field string
	// Problem says what is wrong without the value, which may be untrusted or secret.
	Problem string
}

// ValidationError lists every fault of one event.
type ValidationError struct {
	EventID uuid.UUID
	Faults  []Fault
}

func (e *ValidationError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "invalid event %s: ", e.EventID)
	for i, f := range e.Faults {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(f.Field + ": " + f.Problem)
	}
	return b.String()
}

// Validate checks e against the rules of FORMAT.md and reports every fault at
// once as a *ValidationError.
func (e *ResourceEvent) Validate() error {
	var c checker
	if e.EventID == uuid.Nil {
		c.fault("event_id", "missing")
	}
	c.eventType(e.EventType)
	c.name("source", e.Source)
	c.time("ts", e.TS, true, maxYear)
	c.time("period_end", e.PeriodEnd, false, maxYear)
	c.time("observed_at", e.ObservedAt, true, maxObservedYear)
	if !e.PeriodEnd.IsZero() && e.PeriodEnd.Before(e.TS) {
		c.fault("period_end", "before ts")
	}
	c.arn("arn", e.ARN, strings.HasPrefix(e.EventType, "resource."))
	c.texts(e)
	c.amount("cost_amount", e.CostAmount)
	c.amount("usage_quantity", e.UsageQuantity)
	if e.CostAmount.Valid && e.Currency == "" {
		c.fault("currency", "missing beside cost_amount")
	}
	if e.MetricValue != nil && (math.IsNaN(*e.MetricValue) || math.IsInf(*e.MetricValue, 0)) {
		c.fault("metric_value", "not a finite number")
	}
	c.family(e)
	for i, a := range e.Ancestors {
		if _, err := ParseARN(a); err != nil {
			c.fault(fmt.Sprintf("ancestors[%d]", i), err.Error())
		}
	}
	for i, r := range e.Relations {
		if r.Type == "" {
			c.fault(fmt.Sprintf("relations[%d].type", i), "missing")
		} else if !utf8.ValidString(r.Type) {
			c.fault(fmt.Sprintf("relations[%d].type", i), "not valid UTF-8")
		}
		if _, err := ParseARN(r.TargetARN); err != nil {
			c.fault(fmt.Sprintf("relations[%d].target_arn", i), err.Error())
		}
	}
	c.pairs("tags", e.Tags)
	c.pairs("properties", e.Properties)
	if c.faults == nil {
		return nil
	}
	return &ValidationError{EventID: e.EventID, Faults: c.faults}
}

type checker struct{ faults []Fault }

func (c *checker) fault(field, problem string) {
	c.faults = append(c.faults, Fault{Field: field, Problem: problem})
}

// family checks what only one type of event requires.
func (c *checker) family(e *ResourceEvent) {
	switch e.EventType {
	case TypeCostAccrued:
		if !e.CostAmount.Valid {
			c.fault("cost_amount", "missing on "+TypeCostAccrued)
		}
	case TypeMetricSampled:
		if e.MetricValue == nil {
			c.fault("metric_value", "missing on "+TypeMetricSampled)
		}
	case TypeAccountDescribed:
		if e.AccountID == "" {
			c.fault("account_id", "missing on "+TypeAccountDescribed)
		}
	case TypeScanCompleted:
		if e.AccountID == "" {
			c.fault("account_id", "missing on "+TypeScanCompleted)
		}
		if e.ResourceType == "" && e.PeriodEnd.IsZero() {
			c.fault("resource_type", "missing on "+TypeScanCompleted+", and no period_end to make it a cost scan")
		}
	}
}

func (c *checker) eventType(s string) {
	family, verb, found := strings.Cut(s, ".")
	switch {
	case s == "":
		c.fault("event_type", "missing")
	case len(s) > maxNameBytes:
		c.fault("event_type", "too long")
	case !found || !isWord(family) || !isWord(verb):
		c.fault("event_type", `not of the form "family.verb" in lower case`)
	}
}

func isWord(s string) bool {
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch >= 'a' && ch <= 'z', ch == '_' && i > 0, ch >= '0' && ch <= '9' && i > 0:
		default:
			return false
		}
	}
	return s != ""
}

func (c *checker) name(field, s string) {
	switch {
	case s == "":
		c.fault(field, "missing")
	case len(s) > maxNameBytes:
		c.fault(field, "too long")
	case !utf8.ValidString(s):
		c.fault(field, "not valid UTF-8")
	}
}

func (c *checker) time(field string, t time.Time, required bool, lastYear int) {
	t = t.UTC()
	switch {
	case t.IsZero():
		if required {
			c.fault(field, "missing")
		}
	case t.Year() < minYear || t.Year() > lastYear:
		c.fault(field, fmt.Sprintf("outside the years %d to %d", minYear, lastYear))
	case t.Nanosecond()%int(time.Millisecond) != 0:
		c.fault(field, "finer than a millisecond")
	}
}

func (c *checker) arn(field, s string, required bool) {
	if s == "" {
		if required {
			c.fault(field, "missing on a resource event")
		}
		return
	}
	if _, err := ParseARN(s); err != nil {
		c.fault(field, err.Error())
	}
}

func (c *checker) texts(e *ResourceEvent) {
	for _, f := range [...]struct{ name, value string }{
		{"platform", e.Platform},
		{"account_id", e.AccountID},
		{"account_role", e.AccountRole},
		{"region", e.Region},
		{"service", e.Service},
		{"resource_type", e.ResourceType},
		{"resource_id", e.ResourceID},
		{"resource_name", e.ResourceName},
		{"marqo_customer", e.MarqoCustomer},
		{"marqo_cluster", e.MarqoCluster},
		{"marqo_index", e.MarqoIndex},
		{"actor", e.Actor},
		{"state", e.State},
		{"error_code", e.ErrorCode},
		{"currency", e.Currency},
		{"usage_unit", e.UsageUnit},
	} {
		if !utf8.ValidString(f.value) {
			c.fault(f.name, "not valid UTF-8")
		}
	}
}

func (c *checker) amount(field string, d decimal.NullDecimal) {
	if !d.Valid {
		return
	}
	// The exponent is checked first: expanding a huge one would cost memory.
	exp := int(d.Decimal.Exponent())
	digits := d.Decimal.NumDigits()
	switch {
	case d.Decimal.IsZero():
	case digits+exp > maxDecimalDigits:
		c.fault(field, fmt.Sprintf("more than %d digits before the point", maxDecimalDigits))
	case exp < -maxDecimalDigits && !trailingZeros(d.Decimal, -exp-maxDecimalDigits):
		c.fault(field, fmt.Sprintf("more than %d digits after the point", maxDecimalDigits))
	}
}

// trailingZeros reports whether the last n digits of d's coefficient are zero.
func trailingZeros(d decimal.Decimal, n int) bool {
	s := d.Coefficient().String()
	return n < len(s) && strings.Trim(s[len(s)-n:], "0") == ""
}

func (c *checker) pairs(field string, pairs Pairs) {
	if !pairs.ordered() {
		c.fault(field, "not in order of key, each key once")
	}
	for i := range pairs {
		switch k, v := pairs[i].Key, pairs[i].Value; {
		case !utf8.ValidString(k):
			c.fault(field, "a key is not valid UTF-8")
		case !utf8.ValidString(v):
			c.fault(field+"["+quoteKey(k)+"]", "value is not valid UTF-8")
		}
	}
}

func quoteKey(k string) string {
	return fmt.Sprintf("%q", k[:min(len(k), maxInterned)])
}
