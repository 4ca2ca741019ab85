package inventory

import (
	"fmt"
	"strings"
)

// Entry says how the resources of one type are found and read. Fields are written as
// field has them, ARNs as template has them; lists of either are texts of one a line
// or one a word.
type Entry struct {
	// Type is the resource type: that of the ARNs, which the CloudTrail collector uses,
	// too. Scans and states meet by it.
	Type string
	// List makes the answers. In, unless empty, is the type of an earlier entry of the
	// service: the call is made once for each of its resources, within it.
	List Call
	In   string
	// Items is where the items are in an answer: the names of members, and after "=" the
	// name to give to items that are mere texts ("TableNames=TableName").
	Items string
	// Also are further calls whose recorded answers hold items of the type, each "Call",
	// or "Call:Items" where the items are elsewhere. "[]" after a member tells that it is a
	// list, which the SDK's types tell of the others.
	Also string
	// Details are the further calls about each item; Tagged is the type's name in the
	// Resource Groups Tagging API, or its service's, where tags come from there.
	Details []Detail
	Tagged  string

	// ARN are the templates of the item's ARN, the first that gives one wins.
	ARN string
	// Account is the field with the owner's account, Region with the region, where the
	// ARN does not have them. Name is what people call it, by default what its ARN tells.
	Account, Region, Name string
	// State is the field with the state; Gone are the states of what is not there any
	// more, though it is still listed.
	State, Gone string
	// Tags is the field with the tags, by default "Tags|TagList|TagSet".
	Tags string

	// Ancestors are the ARNs of what it is in, the nearest first, before the account.
	Ancestors string
	// Relations are lines "type template".
	Relations string
	// Properties are fields, each kept under its last name in snake case or under the
	// one after "=": "InstanceType State.Reason=reason". Nested values become JSON.
	Properties string
	// Inherits are the ARNs of those whose owner it has where its own tags name none, the
	// nearest first; by default its ancestors.
	Inherits string
	// Parent keeps the tags of what is found for those that inherit. A Hidden entry is
	// for that alone: its resources are another collector's. Heirs are the ARNs of those
	// that inherit from it, where it names them and not they it.
	Parent, Hidden bool
	Heirs          string
}

// entry is an Entry made ready.
type entry struct {
	Entry
	readings                   []reading
	arn                        []template
	account, region, name      field
	state, tags                field
	gone                       []string
	ancestors, inherits, heirs []template
	relations                  []relation
	properties                 []property
	details                    []detail
}

type relation struct {
	typ string
	to  template
}

type property struct {
	key string
	field
}

// compile makes an Entry ready. An error is one of the entry.
func compile(e Entry) (*entry, error) {
	c := &entry{Entry: e, gone: strings.Fields(e.Gone)}
	p := &parser{}
	c.readings = append(c.readings, p.reading(e.List, e.Items))
	for _, also := range strings.Fields(e.Also) {
		call, items, found := strings.Cut(also, ":")
		if !found {
			items = e.Items
		}
		c.readings = append(c.readings, readingOf(call, items))
	}
	for _, d := range e.Details {
		c.details = append(c.details, p.detail(d))
		if d.Whole {
			c.readings = append(c.readings, p.reading(d.Call, d.At))
		}
	}
	c.arn = p.templates(e.ARN)
	c.account, c.region, c.name, c.state = p.field(e.Account), p.field(e.Region), p.field(e.Name), p.field(e.State)
	if e.Tags == "" {
		e.Tags = "Tags|TagList|TagSet"
	}
	c.tags = p.field(e.Tags)
	c.ancestors, c.inherits, c.heirs = p.templates(e.Ancestors), p.templates(e.Inherits), p.templates(e.Heirs)
	if e.Inherits == "" {
		c.inherits = c.ancestors
	}
	c.relations = p.relations(e.Relations)
	c.properties = p.properties(e.Properties)
	if len(c.arn) == 0 || e.Type == "" {
		p.note(fmt.Errorf("no type or no ARN"))
	}
	if p.err != nil {
		return nil, fmt.Errorf("compiling the entry of %s: %w", e.Type, p.err)
	}
	return c, nil
}

// takesAfter tells whether an entry's items inherit from those of another.
func (e *entry) takesAfter(parent *entry) bool {
	from := e.Inherits
	if from == "" {
		from = e.Ancestors
	}
	return strings.Contains(from, parent.Type+"{") || strings.Contains(parent.Heirs, e.Type+"{")
}
