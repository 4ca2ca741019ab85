package cloudtrail

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"polo/envelope"
	"polo/internal/queue"
	"polo/internal/redact"
	"polo/producers"
	"polo/producers/cloudtrail/resolve"
)

// maxBody bounds the bytes of a failure, so that a message can hold it.
const maxBody = 512 << 10

// worker normalises and emits.
type worker struct {
	files *Files
	// emit emits checked events, without the records' secrets.
	emit    func(context.Context, ...envelope.ResourceEvent) error
	rejects *producers.FileRejects
	tally   *tally

	read, events int64
	ignored      int64
	rejected     map[queue.Reason]int64
	resolutions  map[resolve.Resolution]int64
}

func (w *worker) batch(ctx context.Context, b batch) error {
	w.read, w.events, w.ignored = 0, 0, 0
	w.rejected, w.resolutions = make(map[queue.Reason]int64), make(map[resolve.Resolution]int64)
	defer w.tally.add(func(s *Summary) {
		s.Read += w.read
		s.Events += w.events
		if w.ignored > 0 {
			s.Ignored = append(s.Ignored, Ignored{Name: b.file.name, Records: w.ignored})
		}
		for reason, n := range w.rejected {
			s.Rejected[reason] += n
		}
		for how, n := range w.resolutions {
			s.Resolutions[how] += n
		}
	})
	for _, p := range b.pieces {
		if err := w.piece(ctx, b.file.name, p); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (w *worker) piece(ctx context.Context, file string, p piece) error {
	switch {
	case p.reason != "":
		w.reject(file, p)
		return nil
	case p.control: //mutant:control-messages-are-letters
		w.ignored++
		return nil
	case p.suspect:
		return w.innerRecords(ctx, file, p)
	}
	if at := swallowed(p); at > 0 && !validJSON(string(p.data)) {
		return w.salvage(ctx, file, p, at)
	}
	out, err := w.files.Normaliser.Normalise(p.data, w.files.ObservedAt)
	if err == nil {
		w.read++
		w.events += int64(len(out.Events))
		w.resolutions[out.How]++
		return w.rejects.Emit(ctx, w.emit, producers.Place{File: file, Number: int64(p.number), Offset: p.offset}, out.Events...)
	}
	if errors.Is(err, ErrControlMessage) {
		w.ignored++
		return nil
	}
	if nextRecord(p.data, p.first) > 0 && !validJSON(string(p.data)) {
		return w.salvage(ctx, file, p, 0)
	}
	p.reason, p.problem = ReasonOf(err), fmt.Sprintf("%v, at byte %d", err, p.offset)
	w.reject(file, p)
	return nil
}

// innerRecords reads the records inside a suspect.
func (w *worker) innerRecords(ctx context.Context, file string, p piece) error {
	for {
		at := nextRecord(p.data, p.first)
		if at < 0 {
			return nil
		}
		end, err := scanValue(p.data[at:])
		if err != nil {
			end = 1
		} else {
			inner := p
			inner.data, inner.offset, inner.suspect = p.data[at:at+end], p.offset+int64(at), false
			if err := w.piece(ctx, file, inner); err != nil {
				return err
			}
		}
		p.data, p.offset = p.data[at+end-1:], p.offset+int64(at+end-1)
		if err != nil {
			continue
		}
		// nextRecord looks after the first byte, which is the last one used.
	}
}

// swallowed returns the offset of the first complete record inside another, where damage removed
// the brackets between them, or -1.
func swallowed(p piece) int {
	at := nextRecord(p.data, p.first)
	if at < 0 {
		return -1
	}
	end, err := scanValue(p.data[at:])
	inner := p.data[at : at+end]
	if err != nil || !bytes.Contains(inner, []byte(`"eventTime"`)) || !bytes.Contains(inner, []byte(`"eventSource"`)) {
		return -1
	}
	return at
}

// salvage splits a piece in which damage joined several records. Its first n bytes are known to
// be broken.
func (w *worker) salvage(ctx context.Context, file string, p piece, n int) error {
	for first := true; ; first = false {
		part := p
		if n == 0 && !first {
			skip := len(p.data) - len(bytes.TrimLeft(p.data, ",]} \r\n\t"))
			p.data, p.offset = p.data[skip:], p.offset+int64(skip)
			part = p
			if len(p.data) == 0 {
				return nil // only brackets are left
			}
			if end, err := scanValue(p.data); err == nil && p.data[0] == '{' && validJSON(string(p.data[:end])) {
				part.data, n = p.data[:end], end
			}
		}
		whole := n > 0 && !first
		if n == 0 {
			if n = nextRecord(p.data, p.first); n < 0 {
				n = len(p.data)
			}
		}
		if !whole {
			part.data = p.data[:n]
			part.reason, part.problem = queue.ReasonMalformedRecord, fmt.Sprintf("cut or damaged at byte %d", p.offset)
		}
		if err := w.piece(ctx, file, part); err != nil {
			return err
		}
		p.data, p.offset, n = p.data[n:], p.offset+int64(n), 0
	}
}

func (w *worker) reject(file string, p piece) {
	w.read++
	w.rejected[p.reason]++
	// Redact first: a cut may hide what identifies a secret.
	data, places := redact.Bytes(p.data)
	p.data = data
	// Split a body that is too large for one message, so that every byte is kept.
	parts := max(1, (len(p.data)+maxBody-1)/maxBody)
	for n := range parts {
		at := n * maxBody
		problem, stands := p.problem, map[queue.Reason]int(nil)
		if parts > 1 {
			problem = fmt.Sprintf("%s (part %d of %d of %d bytes)", problem, n+1, parts, len(p.data))
		}
		if n > 0 {
			stands = map[queue.Reason]int{} // only the first part counts
		}
		w.rejects.Add(producers.Place{File: file, Number: int64(p.number), Offset: p.offset + int64(at)}, queue.Failure{
			Reason:     p.reason,
			Err:        file + ": " + problem,
			Unit:       queue.UnitRecord,
			Redacted:   places,
			Body:       p.data[at:min(at+maxBody, len(p.data))],
			FirstSeen:  w.files.ObservedAt,
			LastSeen:   w.files.ObservedAt,
			Represents: stands,
		})
	}
}
