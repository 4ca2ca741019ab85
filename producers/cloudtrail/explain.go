package cloudtrail

import (
	"time"

	"polo/envelope"
	"polo/producers/cloudtrail/resolve"
)

// Explanation says how the ARN of a record's activity was found.
type Explanation struct {
	// EventID is the record's own.
	EventID string `json:"event_id,omitempty"`
	// ARN is the activity's, empty if it has none; How says how it was found, or why there is
	// none.
	ARN string             `json:"arn,omitempty"`
	How resolve.Resolution `json:"how"`
	resolve.Explanation
	Ancestors []string `json:"ancestors,omitempty"`
	// Events are the result of Normalise.
	Events []envelope.ResourceEvent `json:"-"`
}

// Explain is Normalise with its reasons. Its errors are those of Normalise.
func (n *Normaliser) Explain(data []byte, observedAt time.Time) (Explanation, error) {
	var x Explanation
	out, err := n.normalise(data, observedAt, &x)
	if err != nil {
		return Explanation{}, err
	}
	x.How, x.Events = out.How, out.Events
	x.EventID = out.Events[0].Properties.Get("event_id")
	x.ARN, x.Ancestors = out.Events[0].ARN, out.Events[0].Ancestors
	return x, nil
}

// explain records the reasons before the record's memory is reused.
func (m *maker) explain(chosen *resolve.Candidate, did resolve.Change) {
	if m.explanation != nil {
		m.explanation.Explanation = m.call.Explain(chosen, did)
	}
}
