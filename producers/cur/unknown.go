package cur

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"polo/envelope"
)

// unknownColumn is a column whose meaning is unknown.
type unknownColumn struct {
	slot int16
	// property is the name of the property for its values.
	property string
	// lines counts the lines with a value in it.
	lines int64
}

// reservedKeys returns the properties of a line that do not come from its columns.
func reservedKeys() []string {
	return []string{
		"effective_cost", "net_effective_cost", "pricing_unit", "billing_currency", "cost_categories", "account_tags", "user_attributes", "principal_tags", "estimated",
		"time_interval", "unread", envelope.PropBillingPeriod, envelope.PropPayerAccount,
		envelope.PropDelivery, envelope.PropReportAccount, envelope.PropEvents,
	}
}

// nameUnknown gives each unknown column a property: its name in snake case, with the prefix
// "column_" if that already means something else on a line.
func (l *layout) nameUnknown() {
	slices.SortFunc(l.unknown, func(a, b unknownColumn) int { return int(a.slot) - int(b.slot) })
	taken, reserved := map[string]bool{}, map[string]bool{}
	for _, key := range reservedKeys() {
		reserved[key] = true
	}
	for _, c := range columns() {
		reserved[c.property] = true
	}
	for i := range l.unknown {
		u := &l.unknown[i]
		key := snakeCase(l.names[u.slot])
		if reserved[key] { //mutant:unknown-column-moves-a-line
			key = strings.TrimSuffix("column_"+key, "_")
		}
		u.property = key
		for n := 2; taken[u.property]; n++ {
			u.property = fmt.Sprintf("%s_%d", key, n)
		}
		taken[u.property] = true
		l.properties = append(l.properties, propertySlot{key: u.property, slot: u.slot, form: formText, unknown: i + 1})
	}
}

// snakeCase returns a column's name as properties are spelt: lineItem/UsageType, SKUMeter and
// "new column" become line_item_usage_type, sku_meter and new_column.
func snakeCase(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			if s := b.String(); s != "" && !strings.HasSuffix(s, "_") {
				b.WriteByte('_')
			}
			continue
		}
		if unicode.IsUpper(r) && i > 0 {
			before, after := runes[i-1], i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if unicode.IsLower(before) || unicode.IsDigit(before) || unicode.IsUpper(before) && after {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.TrimSuffix(b.String(), "_")
}

// maxUnknown bounds the values of a line's unknown columns, in bytes, so that the line fits a
// message.
const maxUnknown = 64 << 10

// unknownValue reports whether the value of an unknown column is kept, after size bytes of
// others.
func unknownValue(v string, size int) bool { return size+len(v) <= maxUnknown && utf8.ValidString(v) }

// seen counts the line's values in unknown columns.
func (l *layout) seen(line *line) {
	for _, i := range line.unknown {
		l.unknown[i].lines++
	}
}

// UnknownColumn describes a column whose meaning is unknown.
type UnknownColumn struct {
	// Property is the name of the event property for its values.
	Property string `json:"property"`
	// Files counts the files with the column, Lines the lines with a value in it.
	Files int   `json:"files"`
	Lines int64 `json:"lines"`
}

// columns counts the unknown columns of a file.
func (t *tally) columns(l *layout) {
	for _, u := range l.unknown {
		c := t.UnknownColumns[l.names[u.slot]]
		c.Property, c.Files, c.Lines = u.property, c.Files+1, c.Lines+u.lines
		t.UnknownColumns[l.names[u.slot]] = c
	}
}
