package inventory

import (
	"polo/producers/inventory/document"
)

// Answers stand in for AWS: a scan that replays recordings instead of calling.
type Answers interface {
	// Answers returns the pages that answer a call about some items, given by their members as far as
	// they are known. A list has no item, or the one that it is within. An error that has an ErrorCode
	// is one of AWS.
	Answers(call Operation, about []document.Object) ([]document.Object, error)
}

// Replayers returns one collector per service, each of which reads answers instead of calling AWS.
func Replayers(answers Answers) ([]*Collector, error) {
	all, err := Collectors(nil)
	for _, c := range all {
		c.answers = answers
	}
	return all, err
}

// replay is call with recorded answers.
func (r *reader) replay(c Call, about []item, answer func(document.Value) error) error {
	objects := make([]document.Object, 0, len(about))
	for _, it := range about {
		whole := it.object
		for _, outer := range it.around {
			whole = whole.Merge(outer)
		}
		objects = append(objects, whole)
	}
	pages, err := r.answers.Answers(c.operation(), objects)
	for _, page := range pages {
		r.scan.Page()
		if err := answer(page); err != nil {
			return err
		}
	}
	return err
}
