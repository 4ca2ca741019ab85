package inventory

import "fmt"

// Reasons why an answer or an item did not become an event.
const (
	// ReasonNotCovered: no entry reads answers of this call.
	ReasonNotCovered Reason = "not_covered"
	// ReasonDetail: the call describes a resource that its answer does not name (a bucket's
	// tags). It is read together with the list that names it.
	ReasonDetail Reason = "detail"
	// ReasonErrorAnswer: the service returned an error. The account may have resources.
	ReasonErrorAnswer Reason = "error_answer"
	// ReasonNoList: the answer has no list of such items, not even an empty one.
	ReasonNoList Reason = "no_list"
	// ReasonEmpty: the list is empty.
	ReasonEmpty Reason = "empty"
	// ReasonMalformed: the text is not JSON, or not an object, or all of it is damaged.
	ReasonMalformed Reason = "malformed"

	// ReasonNoARN: an item lacks a part of its ARN.
	ReasonNoARN Reason = "no_arn"
	// ReasonNoPlace: an item's ARN needs an account or region, and it is unknown.
	ReasonNoPlace Reason = "no_place"
	// ReasonOtherType: the type of an item's ARN is not its list's.
	ReasonOtherType Reason = "other_type"
	// ReasonForeign: an item belongs to another account, whose own scan reads it: only the owner
	// sees a shared resource's tags.
	ReasonForeign Reason = "foreign"
	// ReasonCovered: the sweep leaves out types that have an entry.
	ReasonCovered Reason = "covered"
	// ReasonInvalid: an item's event is invalid.
	ReasonInvalid Reason = "invalid"
)

// Outcome says what came of an answer.
type Outcome struct {
	// Items counts the items in the answer.
	Items int
	// Reason is why the answer gave no event, "" if it gave any. For ReasonErrorAnswer, Code and
	// Status are the error's.
	Reason Reason
	Code   string
	Status int
	// Left counts the items that did not become an event, by reason.
	Left map[Reason]int
	// Damaged are the parts that should be items, or lists of them, and are not.
	Damaged []Damage
	// MoreDamaged counts further damaged parts, beyond the bound on Damaged.
	MoreDamaged int
	// Lists are the lists of resources that the answer has, empty ones included; those that it should
	// have, if it is an error.
	Lists []Listed
}

// Listed is a list of resources of one type.
type Listed struct {
	// Source is the source of their events.
	Source, Type string
	// Global lists name no region. Anywhere lists have resources of every region.
	Global, Anywhere bool
}

func (o *Outcome) leave(r Reason) {
	if o.Left == nil {
		o.Left = map[Reason]int{}
	}
	o.Left[r]++
}

// String returns the outcome in a word or two.
func (o Outcome) String() string {
	switch {
	case o.Reason == ReasonErrorAnswer:
		return fmt.Sprintf("%s %d %s", o.Reason, o.Status, o.Code)
	case o.Reason != "":
		return string(o.Reason)
	case len(o.Left) > 0:
		return fmt.Sprintf("read, left out %v", o.Left)
	}
	return "read"
}
