package envelope

import (
	"math"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// AppendJSON appends e to dst as one JSON object on one line: fields in a fixed order,
// pairs in their order, unknown fields left out, amounts as strings so that no reader
// turns them into floats. Equal events give equal bytes. The bytes are always valid
// UTF-8 that a queue carries; an event that Validate faults is written as well as
// possible, so that it can be inspected.
func (e *ResourceEvent) AppendJSON(dst []byte) []byte {
	w := lineWriter{buf: dst}
	w.buf = append(w.buf, '{')
	w.id("event_id", e.EventID)
	w.str("event_type", e.EventType)
	w.str("source", e.Source)
	w.time("ts", e.TS)
	w.time("period_end", e.PeriodEnd)
	w.time("observed_at", e.ObservedAt)
	w.str("arn", e.ARN)
	w.str("platform", e.Platform)
	w.str("account_id", e.AccountID)
	w.str("account_role", e.AccountRole)
	w.str("region", e.Region)
	w.str("service", e.Service)
	w.str("resource_type", e.ResourceType)
	w.str("resource_id", e.ResourceID)
	w.str("resource_name", e.ResourceName)
	w.str("marqo_customer", e.MarqoCustomer)
	w.str("marqo_cluster", e.MarqoCluster)
	w.str("marqo_index", e.MarqoIndex)
	w.str("actor", e.Actor)
	w.str("state", e.State)
	w.str("error_code", e.ErrorCode)
	w.amount("cost_amount", e.CostAmount)
	w.str("currency", e.Currency)
	w.amount("usage_quantity", e.UsageQuantity)
	w.str("usage_unit", e.UsageUnit)
	w.float("metric_value", e.MetricValue)
	w.strs("ancestors", e.Ancestors)
	w.relations(e.Relations)
	w.pairs("tags", e.Tags)
	w.pairs("properties", e.Properties)
	return append(w.buf, '}')
}

// lineWriter writes the fields of one event and leaves out the empty ones.
type lineWriter struct {
	buf  []byte
	some bool
}

func (w *lineWriter) key(name string) {
	if w.some {
		w.buf = append(w.buf, ',')
	}
	w.some = true
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, '"', ':')
}

func (w *lineWriter) str(name, v string) {
	if v == "" {
		return
	}
	w.key(name)
	w.buf = appendString(w.buf, v)
}

func (w *lineWriter) id(name string, v uuid.UUID) {
	w.key(name)
	const digits = "0123456789abcdef"
	b := append(w.buf, '"')
	for i, octet := range v {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, digits[octet>>4], digits[octet&0xf])
	}
	w.buf = append(b, '"')
}

func (w *lineWriter) time(name string, v time.Time) {
	if v.IsZero() {
		return
	}
	w.key(name)
	w.buf = append(w.buf, '"')
	w.buf = appendTime(w.buf, v)
	w.buf = append(w.buf, '"')
}

// appendTime writes RFC 3339 in UTC with exactly three decimals.
func appendTime(dst []byte, v time.Time) []byte {
	v = v.UTC()
	year, month, day := v.Date()
	if year < 0 || year > 9999 {
		return v.AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	}
	hour, minute, sec := v.Clock()
	ms := v.Nanosecond() / int(time.Millisecond)
	return append(dst,
		byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10), '-',
		byte('0'+int(month)/10), byte('0'+int(month)%10), '-', byte('0'+day/10), byte('0'+day%10), 'T',
		byte('0'+hour/10), byte('0'+hour%10), ':', byte('0'+minute/10), byte('0'+minute%10), ':',
		byte('0'+sec/10), byte('0'+sec%10), '.',
		byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

func (w *lineWriter) amount(name string, v decimal.NullDecimal) {
	if !v.Valid {
		return
	}
	w.key(name)
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, formatDecimal(v.Decimal)...)
	w.buf = append(w.buf, '"')
}

// formatDecimal writes plain digits, or coefficient and exponent where plain digits
// would be absurdly long (such an event is invalid, see Validate).
func formatDecimal(d decimal.Decimal) string {
	if exp := d.Exponent(); exp > 2*maxDecimalDigits || exp < -4*maxDecimalDigits {
		return d.Coefficient().String() + "e" + strconv.Itoa(int(exp))
	}
	return d.String()
}

func (w *lineWriter) float(name string, v *float64) {
	if v == nil {
		return
	}
	w.key(name)
	switch size := math.Abs(*v); {
	case math.IsNaN(size) || math.IsInf(size, 0):
		// JSON has no NaN or infinity; as a string it decodes to a fault that names the
		// field.
		w.buf = appendString(w.buf, strconv.FormatFloat(*v, 'g', -1, 64))
	case size != 0 && (size < 1e-6 || size >= 1e21):
		w.buf = strconv.AppendFloat(w.buf, *v, 'e', -1, 64)
	default:
		w.buf = strconv.AppendFloat(w.buf, *v, 'f', -1, 64)
	}
}

func (w *lineWriter) strs(name string, v []string) {
	if len(v) == 0 {
		return
	}
	w.key(name)
	w.buf = append(w.buf, '[')
	for i, s := range v {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = appendString(w.buf, s)
	}
	w.buf = append(w.buf, ']')
}

func (w *lineWriter) relations(v []Relation) {
	if len(v) == 0 {
		return
	}
	w.key("relations")
	w.buf = append(w.buf, '[')
	for i, r := range v {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = append(w.buf, `{"type":`...)
		w.buf = appendString(w.buf, r.Type)
		w.buf = append(w.buf, `,"target_arn":`...)
		w.buf = appendString(w.buf, r.TargetARN)
		w.buf = append(w.buf, '}')
	}
	w.buf = append(w.buf, ']')
}

func (w *lineWriter) pairs(name string, pairs Pairs) {
	if len(pairs) == 0 {
		return
	}
	w.key(name)
	w.buf = append(w.buf, '{')
	for i := range pairs {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = appendString(w.buf, pairs[i].Key)
		w.buf = append(w.buf, ':')
		w.buf = appendString(w.buf, pairs[i].Value)
	}
	w.buf = append(w.buf, '}')
}
