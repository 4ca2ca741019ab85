package sqsserver

import (
	"crypto/md5"
	"encoding/hex"
	"time"

	"github.com/go-faster/jx"
	"github.com/google/uuid"
)

// prepare checks a message to be sent and builds it; all that takes time happens here, outside the mutex. The
// message is in no queue yet.
func (e *entry) prepare(conf config, now time.Time) (*message, error) {
	if e.deduplicationID != "" {
		return nil, errParameter("The request include parameter that is not valid for this queue type: MessageDeduplicationId")
	}
	if len(e.groupID) > maxGroupID {
		return nil, errValue(shorten(e.groupID), "MessageGroupId", "MessageGroupId can only include up to 128 alphanumeric and punctuation characters.")
	}
	delay := conf.delay
	if e.delay.set {
		if e.delay.value < 0 || e.delay.value > maxDelay {
			return nil, errValue(e.delay.value, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
		}
		delay = time.Duration(e.delay.value) * time.Second
	}
	if e.body == nil || len(e.body) <= len(`""`) {
		return nil, errMissing("MessageBody")
	}
	if err := checkAttributes(e.attributes); err != nil {
		return nil, err
	}
	trace, err := e.trace()
	if err != nil {
		return nil, err
	}
	c := &content{attributes: e.attributes, attrMD5: attributesMD5(e.attributes), trace: trace, group: e.groupID}
	m := &message{content: c, id: uuid.New(), sent: now.Truncate(time.Millisecond)}
	if delay > 0 {
		m.notBefore = now.Add(delay)
	}
	record, err := unquote(c.newRecord(len(e.body)), e.body)
	if err != nil {
		return nil, errSerialization(err)
	}
	body := record[recordHead:]
	if size := len(body) + attributesSize(e.attributes); size > conf.maxSize {
		return nil, errParameter("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", conf.maxSize)
	}
	if !validText(body) {
		return nil, errContents()
	}
	sum := md5.Sum(body)
	c.bodyMD5 = hex.EncodeToString(sum[:])
	m.seal(record)
	return m, nil
}

// trace returns the AWSTraceHeader, the only system attribute that may be sent.
func (e *entry) trace() (string, error) {
	trace := ""
	for _, a := range e.systemAttributes {
		if a.name != "AWSTraceHeader" {
			return "", errParameter("Message system attribute name '%s' is invalid.", shorten(a.name))
		}
		if err := a.checkValue("message system attribute"); err != nil {
			return "", err
		}
		if a.dataType != "String" {
			return "", errParameter("The message system attribute '%s' must be of type String.", a.name)
		}
		trace = string(a.value)
	}
	return trace, nil
}

func attributesSize(list []attribute) int {
	n := 0
	for _, a := range list {
		n += a.size()
	}
	return n
}

// settings returns the configuration of the queue that a call names.
func (s *Server) settings(address string) (*queue, config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(address)
	if err != nil {
		return nil, config{}, err
	}
	return q, q.config, nil
}

// putMessage returns the op that stores a message, which keeps its content until then.
func putMessage(q *queue, m *message) op {
	return op{kind: opPutMessage, queue: q.id, seq: m.seq, value: m.content.record, message: m}
}

// enqueue puts prepared messages into a queue and waits until they are stored.
func (s *Server) enqueue(q *queue, messages []*message, now time.Time) error {
	ops := make([]op, 0, len(messages))
	s.mu.Lock()
	if q.deleted {
		s.mu.Unlock()
		return errNoQueue()
	}
	if err := s.index(q); err != nil {
		s.mu.Unlock()
		return err
	}
	for _, m := range messages {
		s.seq++
		m.seq = s.seq
		if q.covered(m) { //mutant:letters-double
			ops = append(ops, op{kind: opBarrier}) // the one that stands for it may not be stored yet
			continue
		}
		q.add(m, now)
		ops = append(ops, putMessage(q, m))
	}
	g := s.store.add(ops...)
	s.mu.Unlock()
	return g.wait()
}

func (s *Server) sendMessage(c *call) error {
	q, conf, err := s.settings(c.queueURL)
	if err != nil {
		return err
	}
	now := s.now()
	m, err := c.prepare(conf, now)
	if err != nil {
		return err
	}
	acked := sent{m.id, m.content}
	if err := s.enqueue(q, []*message{m}, now); err != nil {
		return err
	}
	c.out.ObjStart()
	acked.writeSent(c.out)
	c.out.ObjEnd()
	return nil
}

// sent is what a sender's acknowledgement says of a message, whose content may then be in the store.
type sent struct {
	id uuid.UUID
	*content
}

// writeSent writes the fields of a sender's acknowledgement.
func (m sent) writeSent(w *jx.Writer) {
	w.FieldStart("MD5OfMessageBody")
	w.Str(m.bodyMD5)
	if m.attrMD5 != "" {
		w.Comma()
		w.FieldStart("MD5OfMessageAttributes")
		w.Str(m.attrMD5)
	}
	if m.trace != "" {
		w.Comma()
		w.FieldStart("MD5OfMessageSystemAttributes")
		w.Str(attributesMD5([]attribute{{name: "AWSTraceHeader", dataType: "String", value: []byte(m.trace)}}))
	}
	w.Comma()
	w.FieldStart("MessageId")
	w.Str(m.id.String())
}
