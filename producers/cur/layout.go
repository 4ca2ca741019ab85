package cur

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// kind is what a file's rows are.
type kind uint8

const (
	kindCUR kind = iota + 1
	kindFOCUS
)

// errNoBill tells of columns that are not those of a bill.
var errNoBill = errors.New("not the columns of a bill")

// errNoLines tells of a bill whose columns cannot make a line.
var errNoLines = errors.New("columns missing that every line needs")

// layout is where a file's columns are. Slots are the values of a row that are kept, in
// order of the file.
type layout struct {
	kind kind
	// names are the columns' as they stand in the file, by slot.
	names []string
	// slots are by field, -1 where the file has no such column.
	slots [numFields]int16
	forms []form // by slot
	// tags and categories are the columns of which each is one tag's.
	tags, categories []keySlot
	// properties are in order of key.
	properties []propertySlot
	// unread are columns that are known and whose values no reader can make text of.
	unread []string
	// unknown are the columns that are none of those, by slot. Each is a property.
	unknown []unknownColumn
}

// keySlot is a column of one tag.
type keySlot struct {
	key  string
	slot int16
}

type propertySlot struct {
	key   string
	field field
	slot  int16
	form  form
	// unknown is the index of the column among those that are not known, from 1.
	unknown int
}

// maxColumns bounds how many columns a file has.
const maxColumns = 10_000

// newLayout finds the columns by their names. kept has a slot for each name, -1 for one
// that is not needed. The error is errNoBill, errNoLines, or that there are too many.
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
		if err := l.judge(names); errors.Is(err, errNoBill) {
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
	return l, kept, l.judge(names)
}

// keep gives a column a slot. Of two columns with one meaning the first counts, and the
// other is as one that is not known.
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
	l.unknown = append(l.unknown, unknownColumn{slot: slot})
	return l.add(name, formText)
}

func (l *layout) add(name string, f form) int16 {
	l.names, l.forms = append(l.names, name), append(l.forms, f)
	return int16(len(l.names) - 1)
}

// firstOfKeys orders columns by key. Of two with one key the first counts, and the other
// is as one that is not known.
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

// judge tells CUR from FOCUS and both from anything else.
func (l *layout) judge(names []string) error {
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
