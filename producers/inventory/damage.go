package inventory

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-faster/jx"

	"polo/producers/inventory/document"
)

// maxDamaged bounds the damaged parts of an answer that are reported one by one. A list of
// scalars can have as many as bytes.
const maxDamaged = 1000

// Damage is a part of an answer that has the wrong type.
type Damage struct {
	// Path is its path: "Reservations[2].Instances".
	Path string
	// Is is its type, Due the expected one: "a number", "a list".
	Is, Due string
	// Text is the part's JSON.
	Text []byte

	at []step
}

func (d Damage) String() string { return d.Path + " is " + d.Is + " where " + d.Due + " is due" }

// step is a step of a path: a member, or without a name an element of a list.
type step struct {
	name  string
	index int
}

// damage records that the value at l's path should be another type.
func (l *listing) damage(v document.Value, due string) {
	if len(l.damaged) == maxDamaged {
		l.more++
		return
	}
	at := slices.Clone(l.at)
	l.damaged = append(l.damaged, Damage{Path: pathOf(at), Is: typeOf(v), Due: due, at: at})
}

func pathOf(at []step) string {
	var b strings.Builder
	for i, s := range at {
		switch {
		case s.name == "":
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case i > 0:
			b.WriteString("." + s.name)
		default:
			b.WriteString(s.name)
		}
	}
	return b.String()
}

// typeOf returns the JSON type of a value that is not null.
func typeOf(v document.Value) string {
	switch v.(type) {
	case string:
		return "a string"
	case document.Number:
		return "a number"
	case bool:
		return "a boolean"
	case document.List:
		return "a list"
	case time.Time:
		return "a time"
	}
	return "an object"
}

// cutOut sets the texts of the damaged parts, in the order of data. If wrapped, the answer is a
// member of data.
func cutOut(damaged []Damage, data []byte, wrapped bool) error {
	d := jx.DecodeBytes(bytes.TrimPrefix(data, []byte("\uFEFF")))
	if wrapped {
		return cutMember(d, "data", func() error { return cut(d, damaged, 0) })
	}
	return cut(d, damaged, 0)
}

func cut(d *jx.Decoder, damaged []Damage, depth int) error {
	if depth == len(damaged[0].at) {
		raw, err := d.Raw()
		damaged[0].Text = bytes.Clone(raw)
		return err
	}
	if name := damaged[0].at[depth].name; name != "" {
		return cutMember(d, name, func() error { return cut(d, damaged, depth+1) })
	}
	i := -1
	return d.Arr(func(d *jx.Decoder) error {
		i++
		n := 0
		for n < len(damaged) && damaged[n].at[depth].index == i {
			n++
		}
		if n == 0 {
			return d.Skip()
		}
		here := damaged[:n]
		damaged = damaged[n:]
		return cut(d, here, depth+1)
	})
}

// cutMember reads the member that document.Object finds by a name.
func cutMember(d *jx.Decoder, name string, read func() error) error {
	found := false
	return d.Obj(func(d *jx.Decoder, member string) error {
		if found || len(member) != len(name) || !strings.EqualFold(member, name) {
			return d.Skip()
		}
		found = true
		return read()
	})
}
