package stack

import (
	"fmt"

	"polo/envelope"
	"polo/internal/queue"
	"polo/local/sqsserver"
)

// maxEvents bounds the keys of a letter's events: each takes memory.
const maxEvents = 10_000

// letterKeys returns the deduplication keys of letters, so that ingesting a broken file again
// adds no letters. A letter of a message with many bad events has its events' keys, because
// which message an event is in is chance.
func letterKeys() (sqsserver.DedupKeys, error) {
	packs, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		return nil, fmt.Errorf("making a decoder of letters: %w", err)
	}
	return func(m sqsserver.Sent) [][16]byte {
		f, err := queue.ParseFailure(queue.Message{Body: string(m.Body), Attributes: m.Attributes})
		if err != nil {
			return nil
		}
		events := [][]byte{f.Body}
		switch {
		case f.Reason == queue.ReasonManyBadEvents && f.CutFrom == 0: //mutant:letters-by-their-message
			pack, err := packs.Decode(f.Body)
			if err != nil || len(pack.Lines) > maxEvents {
				return [][16]byte{f.Key()}
			}
			events = events[:0]
			for i := range pack.Lines {
				events = append(events, pack.Lines[i].Raw)
			}
		case f.Unit != queue.UnitEvent:
			return [][16]byte{f.Key()}
		}
		f.Reason = "" // the letter does not state each event's reason
		f.Unit = queue.UnitEvent
		keys := make([][16]byte, len(events))
		for i, event := range events {
			f.Body = event
			keys[i] = f.Key()
		}
		return keys
	}, nil
}
