package inventory

import "fmt"

// Reasons why an answer or an item of it became no event.
const (
	// ReasonNotCovered: no entry reads answers of this call.
	ReasonNotCovered Reason = "not_covered"
	// ReasonDetail: the call tells of a resource that the answer itself does not name (a
	// bucket's tags); it is read together with the list that does.
	ReasonDetail Reason = "detail"
	// ReasonErrorAnswer: the service refused. That is no empty account.
	ReasonErrorAnswer Reason = "error_answer"
	// ReasonNoList: the answer has no list of such items, not even an empty one.
	ReasonNoList Reason = "no_list"
	// ReasonEmpty: the list is there and has nothing in it.
	ReasonEmpty Reason = "empty"
	// ReasonMalformed: the text is not JSON, or not an object, or nothing of it is sound.
	ReasonMalformed Reason = "malformed"

	// ReasonNoARN: an item does not have what its ARN is made of.
	ReasonNoARN Reason = "no_arn"
	// ReasonNoPlace: an item's ARN needs an account or region, and nothing tells it.
	ReasonNoPlace Reason = "no_place"
	// ReasonOtherType: an item's ARN is of another type than its list's.
	ReasonOtherType Reason = "other_type"
	// ReasonForeign: an item belongs to another account, where it is read with all there
	// is to know: only its owner sees a shared resource's tags.
	ReasonForeign Reason = "foreign"
	// ReasonCovered: the sweep leaves out what an entry reads more of.
	ReasonCovered Reason = "covered"
	// ReasonInvalid: an item's event breaks a rule of the envelope.
	ReasonInvalid Reason = "invalid"
)

// Outcome is what became of an answer.
type Outcome struct {
	// Items were in the answer.
	Items int
	// Reason is why the answer as a whole became no event, "" where it became any. Code
	// and Status are the error's, where that is it.
	Reason Reason
	Code   string
	Status int
	// Left counts by reason the items that became no event.
	Left map[Reason]int
	// Damaged are the parts that are no items and should be, or lists of them.
	Damaged []Damage
	// MoreDamaged counts those beyond the first, which are in Damaged.
	MoreDamaged int
}

func (o *Outcome) leave(r Reason) {
	if o.Left == nil {
		o.Left = map[Reason]int{}
	}
	o.Left[r]++
}

// String is the outcome in a word or two.
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
