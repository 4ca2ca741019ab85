package inventory

import (
	"fmt"
	"strings"
)

// Entry describes how the resources of one type are listed and read. See field for the syntax of
// fields and template for that of ARNs. A text may list several of them, separated by white space
// or one per line.
type Entry struct {
	// Type is the resource type as in ARNs. The CloudTrail collector uses the same, so that scans
	// and states meet.
	Type string
	// List is the call that lists the items. In, if set, is the type of an earlier entry of the
	// service: the call is made for each of its resources.
	List Call
	In   string
	// Items is the path to the items in an answer: names of members, and after "=" the name for
	// items that are plain texts ("TableNames=TableName").
	Items string
	// Also are further calls whose recorded answers hold items of the type: "Call", or
	// "Call:Items" if the path differs. "[]" after a member means that it is a list; for the
	// others the SDK's types show that.
	Also string
	// Details are the further calls about each item. Tagged is the type's or its service's name
	// in the Resource Groups Tagging API, if tags come from there.
	Details []Detail
	Tagged  string

	// ARN holds templates of the item's ARN; the first that gives one counts.
	ARN string
	// Account is the field with the owner's account, Region with the region, if the ARN does not
	// have them. Name is the display name, by default from the ARN.
	Account, Region, Name string
	// State is the field with the state; Gone are the states of resources that are listed after
	// their end.
	State, Gone string
	// Tags is the field with the tags, by default "Tags|TagList|TagSet".
	Tags string

	// Ancestors are the ARNs of what contains it, the nearest first, without the account.
	Ancestors string
	// Relations holds one relation a line: "type template".
	Relations string
	// Properties are fields. Each becomes a property with its last name in snake case, or the
	// name after "=": "InstanceType State.Reason=reason". Nested values become JSON.
	Properties string
	// Inherits are the ARNs whose owner it takes if its own tags name none, the nearest first; by
	// default its ancestors.
	Inherits string
	// Parent keeps the items' tags for the resources that inherit from them. A Hidden entry does
	// only that: another collector emits its resources. InheritedBy are the ARNs of resources
	// that inherit from it, if it names them and not they it.
	Parent, Hidden bool
	InheritedBy    string
}

// entry is a compiled Entry.
type entry struct {
	Entry
	readings                        []reading
	arn                             []template
	account, region, name           field
	state, tags                     field
	gone                            []string
	ancestors, inherits, inheritors []template
	relations                       []relation
	properties                      []property
	details                         []detail
}

type relation struct {
	typ string
	to  template
}

type property struct {
	key string
	field
}

// compile compiles an Entry. The error is the entry's.
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
	c.ancestors, c.inherits, c.inheritors = p.templates(e.Ancestors), p.templates(e.Inherits), p.templates(e.InheritedBy)
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

// inheritsFrom reports whether an entry's items inherit from another's.
func (e *entry) inheritsFrom(parent *entry) bool {
	from := e.Inherits
	if from == "" {
		from = e.Ancestors
	}
	return strings.Contains(from, parent.Type+"{") || strings.Contains(parent.InheritedBy, e.Type+"{")
}
