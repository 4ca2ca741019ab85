package consumer

import (
	"errors"

	"polo/envelope"
	"polo/internal/queue"
)

// splitLarge splits a pack that, together with its reason, is too large for the dead-letter queue.
// Cutting it would lose events, because they exist only until its message is deleted.
func (d *deadLetters) splitLarge() {
	most := d.cfg.DeadLetter.Limits().MaxMessage
	var all []failure
	for _, f := range d.failures {
		all = append(all, split(f, most, d.cfg.Bounds)...)
	}
	d.failures = all
}

// split returns failures of at most most bytes for one failure, or the failure alone.
func split(f failure, most int, bounds envelope.Bounds) []failure {
	if _, err := f.record.Message(most); !splittable(f.record.Reason) || !errors.Is(err, queue.ErrTooLarge) {
		return []failure{f}
	}
	packs, ok := splitPack(f.record.Body, most-queue.RecordRoom, bounds)
	if !ok {
		return []failure{f}
	}
	parts := make([]failure, len(packs))
	for n, body := range packs {
		parts[n] = f
		parts[n].record.Body = body
		if n > 0 {
			parts[n].record.Represents = map[queue.Reason]int{} // the first part counts
		}
	}
	return parts
}

// splittable reports whether a pack with that reason decodes.
func splittable(r queue.Reason) bool {
	return r == queue.ReasonRetentionNear || r == queue.ReasonManyBadEvents //mutant:large-bad-pack-cut
}

// splitPack splits a pack into packs of at most maxBody bytes; ok is false if that would lose
// something.
func splitPack(body []byte, maxBody int, bounds envelope.Bounds) (parts [][]byte, ok bool) {
	d, err := envelope.NewDecoder(bounds)
	if err != nil {
		return nil, false
	}
	pack, err := d.Decode(body)
	if err != nil {
		return nil, false
	}
	lines := make([][]byte, len(pack.Lines))
	for i := range pack.Lines {
		lines[i] = pack.Lines[i].Raw
	}
	packs, tooLarge, err := envelope.EncodePacks(pack.Source, lines, maxBody)
	if err != nil || len(tooLarge) > 0 {
		return nil, false
	}
	for _, p := range packs {
		parts = append(parts, []byte(p.Body))
	}
	return parts, true
}
