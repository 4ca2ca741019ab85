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
}

// newLayout finds the columns by their names. kept has a slot for each name, -1 for one
// that is not needed. The error is errNoBill or errNoLines.
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
	for i, name := range names {
		kept[i] = l.keep(strings.TrimSpace(name), known)
	}
	slices.SortFunc(l.properties, func(a, b propertySlot) int { return strings.Compare(a.key, b.key) })
	l.tags, l.categories = firstOfKeys(l.tags), firstOfKeys(l.categories)
	return l, kept, l.judge(names)
}

// keep gives a column a slot. Of two columns with one meaning the first counts.
func (l *layout) keep(name string, known map[string]column) int16 {
	slot := int16(len(l.names))
	if c, ok := known[plainName(name)]; ok {
		if l.slots[c.field] >= 0 {
			return -1
		}
		l.slots[c.field] = slot
		if c.property != "" {
			l.properties = append(l.properties, propertySlot{c.property, c.field, slot, c.form})
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
	return -1
}

func (l *layout) add(name string, f form) int16 {
	l.names, l.forms = append(l.names, name), append(l.forms, f)
	return int16(len(l.names) - 1)
}

// firstOfKeys orders columns by key. Of two with one key the first counts.
func firstOfKeys(slots []keySlot) []keySlot {
	slices.SortStableFunc(slots, func(a, b keySlot) int { return strings.Compare(a.key, b.key) })
	return slices.CompactFunc(slots, func(a, b keySlot) bool { return a.key == b.key })
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
