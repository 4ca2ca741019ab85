package cur

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// kind is the format of a file's rows.
type kind uint8

const (
	kindCUR kind = iota + 1
	kindFOCUS
)

// errNoBill means that the columns are not a bill's.
var errNoBill = errors.New("not the columns of a bill")

// errNoLines means that a bill lacks columns that every line needs.
var errNoLines = errors.New("missing columns that every line needs")

// layout maps a file's columns. A slot is the index of a kept value in a row, in the file's
// order.
type layout struct {
	kind kind
	// names are the columns' names in the file, by slot.
	names []string
	// slots are by field, -1 if the file has no such column.
	slots [numFields]int16
	forms []form // by slot
	// tags and categories are columns that each hold one tag or cost category.
	tags, categories []keySlot
	// properties are sorted by key.
	properties []propertySlot
	// unread are known columns whose values cannot be turned into text.
	unread []string
	// unknown are all other columns, by slot. Each becomes a property.
	unknown []unknownColumn
}

// keySlot is the column of one tag.
type keySlot struct {
	key  string
	slot int16
}

type propertySlot struct {
	key   string
	field field
	slot  int16
	form  form
	// unknown is the column's index among the unknown columns, from 1.
	unknown int
}

// maxColumns bounds the columns of a file.
const maxColumns = 10_000

// newLayout finds the columns by their names. kept holds a slot for each name, -1 if the column
// is not needed. The error is errNoBill, errNoLines, or that there are too many.
func newLayout(names []string) (l *layout, kept []int16, err error) {
	l = &layout{}
	for i := range l.slots {
		l.slots[i] = -1
	}
	known := map[string]column{}
	for _, c := range columns() {
		for _, n := range c.names {
			known[n] = c
		}
	}
	kept = make([]int16, len(names))
	if len(names) > maxColumns {
		if err := l.classify(names); errors.Is(err, errNoBill) {
			return l, kept, err
		}
		return l, kept, fmt.Errorf("%d columns, more than %d", len(names), maxColumns)
	}
	for i, name := range names {
		if name = strings.TrimSpace(name); name == "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		kept[i] = l.keep(name, known)
	}
	l.tags, l.categories = l.firstOfKeys(l.tags), l.firstOfKeys(l.categories)
	l.nameUnknown()
	slices.SortFunc(l.properties, func(a, b propertySlot) int { return strings.Compare(a.key, b.key) })
	return l, kept, l.classify(names)
}

// keep gives a column a slot. Of two columns with one meaning the first counts; the other is
// treated as unknown.
func (l *layout) keep(name string, known map[string]column) int16 {
	slot := int16(len(l.names))
	if c, ok := known[plainName(name)]; ok && l.slots[c.field] < 0 {
		l.slots[c.field] = slot
		if c.property != "" {
			l.properties = append(l.properties, propertySlot{key: c.property, field: c.field, slot: slot, form: c.form})
		}
		return l.add(name, c.form)
	}
	if key, ok := tagColumn(name); ok {
		l.tags = append(l.tags, keySlot{key, slot})
		return l.add(name, formText)
	}
	if key, ok := categoryColumn(name); ok {
		l.categories = append(l.categories, keySlot{key, slot})
		return l.add(name, formText)
	}
	l.unknown = append(l.unknown, unknownColumn{slot: slot}) //mutant:unknown-columns-dropped
	return l.add(name, formText)
}

func (l *layout) add(name string, f form) int16 {
	l.names, l.forms = append(l.names, name), append(l.forms, f)
	return int16(len(l.names) - 1)
}

// firstOfKeys sorts columns by key. Of two with one key the first counts; the other is treated as
// unknown.
func (l *layout) firstOfKeys(slots []keySlot) []keySlot {
	slices.SortStableFunc(slots, func(a, b keySlot) int { return strings.Compare(a.key, b.key) })
	var first []keySlot
	for _, s := range slots {
		if n := len(first); n > 0 && first[n-1].key == s.key {
			l.unknown = append(l.unknown, unknownColumn{slot: s.slot})
			continue
		}
		first = append(first, s)
	}
	return first
}

// classify sets the kind, or returns an error for columns that are not a bill's.
func (l *layout) classify(names []string) error {
	has := func(plain string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return plainName(n) == plain })
	}
	switch {
	case has("lineitemunblendedcost") || has("lineitemusagestartdate") || has("lineitemlineitemtype"):
		l.kind = kindCUR
	case has("billedcost") || has("chargeperiodstart"):
		l.kind = kindFOCUS
	default:
		return errNoBill
	}
	switch {
	case l.slots[fCost] < 0:
		return fmt.Errorf("%w: the cost", errNoLines)
	case l.slots[fStart] < 0 && l.slots[fTimeInterval] < 0:
		return fmt.Errorf("%w: when the usage began", errNoLines)
	}
	return nil
}
