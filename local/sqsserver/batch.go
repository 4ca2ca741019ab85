package sqsserver

import (
	"errors"
	"strings"

	"github.com/go-faster/jx"
)

// checkBatch checks the entries of a batch action.
func checkBatch(entries []entry, kind string) error {
	if len(entries) == 0 {
		return errBatch("EmptyBatchRequest", "There should be at least one %sBatchRequestEntry in the request.", kind)
	}
	if len(entries) > maxBatchEntries {
		return errBatch("TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", maxBatchEntries, len(entries))
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if e.id == "" || len(e.id) > maxBatchIDLength || strings.ContainsFunc(e.id, func(r rune) bool { return !nameRune(r) }) {
			return errBatch("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[e.id] {
			return errBatch("BatchEntryIdsNotDistinct", "Id %s repeated.", e.id)
		}
		seen[e.id] = true
	}
	return nil
}

// outcome is the result of one entry of a batch.
type outcome struct {
	id  string
	err *apiError // nil for success
	m   sent      // what was sent, for SendMessageBatch
}

// entryOutcome turns an entry's error into its outcome, or returns an error of the whole call.
func entryOutcome(id string, err error) (outcome, error) {
	if err == nil {
		return outcome{id: id}, nil
	}
	var refused *apiError
	if !errors.As(err, &refused) {
		return outcome{}, err
	}
	return outcome{id: id, err: refused}, nil
}

func writeOutcomes(w *jx.Writer, outcomes []outcome) error {
	w.ObjStart()
	first := true
	for _, failed := range []bool{false, true} {
		n := 0
		for _, o := range outcomes {
			if (o.err != nil) != failed {
				continue
			}
			if n == 0 {
				name := "Successful"
				if failed {
					name = "Failed"
				}
				field(w, &first, name)
				w.ArrStart()
			} else {
				w.Comma()
			}
			n++
			o.write(w)
		}
		if n > 0 {
			w.ArrEnd()
		}
	}
	w.ObjEnd()
	return nil
}

func (o outcome) write(w *jx.Writer) {
	w.ObjStart()
	w.FieldStart("Id")
	w.Str(o.id)
	if o.err != nil {
		w.Comma()
		w.FieldStart("SenderFault")
		w.Bool(!o.err.receiver)
		w.Comma()
		w.FieldStart("Code")
		w.Str(o.err.code)
		w.Comma()
		w.FieldStart("Message")
		w.Str(o.err.message)
	} else if o.m.content != nil {
		w.Comma()
		o.m.writeSent(w)
	}
	w.ObjEnd()
}

// errEntry is the error of an entry that the PartialBatch fault fails.
func errEntry() *apiError {
	e := errInternal()
	e.code = "InternalError"
	return e
}

func (s *Server) sendMessageBatch(c *call) error {
	q, conf, err := s.settings(c.queueURL)
	if err != nil {
		return err
	}
	if err := checkBatch(c.entries, "SendMessage"); err != nil {
		return err
	}
	now := s.now()
	outcomes := make([]outcome, 0, len(c.entries))
	var messages []*message
	size := 0
	for i := range c.entries {
		e := &c.entries[i]
		m, err := e.prepare(conf, now)
		if m == nil {
			size += max(len(e.body)-len(`""`), 0) + attributesSize(e.attributes)
		} else {
			size += len(m.content.body) + attributesSize(e.attributes)
		}
		if err == nil && s.dice.failEntry() {
			m, err = nil, errEntry()
		}
		o, err := entryOutcome(e.id, err)
		if err != nil {
			return err
		}
		if m != nil {
			o.m = sent{m.id, m.content}
			messages = append(messages, m)
		}
		outcomes = append(outcomes, o)
	}
	if size > maxMessageSize {
		return errBatch("BatchRequestTooLong", "Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxMessageSize, size)
	}
	if err := s.enqueue(q, messages, now); err != nil {
		return err
	}
	return writeOutcomes(c.out, outcomes)
}

// eachEntry calls do for each entry of a batch under the mutex, then waits until all changes are
// stored.
func (s *Server) eachEntry(c *call, kind string, do func(*queue, *entry) ([]op, error)) error {
	if err := checkBatch(c.entries, kind); err != nil {
		return err
	}
	outcomes := make([]outcome, 0, len(c.entries))
	g, err := func() (*group, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		q, err := s.find(c.queueURL)
		if err != nil {
			return nil, err
		}
		var ops []op
		for i := range c.entries {
			e := &c.entries[i]
			var more []op
			var failed error = errEntry()
			if !s.dice.failEntry() {
				more, failed = do(q, e)
			}
			o, err := entryOutcome(e.id, failed)
			if err != nil {
				return nil, err
			}
			ops = append(ops, more...)
			outcomes = append(outcomes, o)
		}
		return s.store.add(ops...), nil
	}()
	if err != nil {
		return err
	}
	if err := g.wait(); err != nil {
		return err
	}
	return writeOutcomes(c.out, outcomes)
}

// single is eachEntry for the one entry of a call.
func (s *Server) single(c *call, do func(*queue, *entry) ([]op, error)) error {
	s.mu.Lock()
	q, err := s.find(c.queueURL)
	var ops []op
	if err == nil {
		ops, err = do(q, &c.entry)
	}
	g := s.store.add(ops...)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := g.wait(); err != nil {
		return err
	}
	return c.empty()
}
