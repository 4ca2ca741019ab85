package sqsserver

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// systemNames returns the message system attributes a call asks for.
func systemNames(names []string) (map[string]bool, error) {
	wanted := map[string]bool{}
	for _, name := range names {
		switch name {
		case "All":
			for _, each := range []string{
				"SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp",
				"AWSTraceHeader", "DeadLetterQueueSourceArn", "MessageGroupId",
			} {
				wanted[each] = true
			}
		case "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp",
			"AWSTraceHeader", "DeadLetterQueueSourceArn", "MessageGroupId",
			"SequenceNumber", "MessageDeduplicationId": // known, but only for FIFO queues
			wanted[name] = true
		default:
			return nil, errAttributeName(shorten(name))
		}
	}
	return wanted, nil
}

func (s *Server) writeDeliveries(c *call, deliveries []delivery, system map[string]bool) {
	w := c.out
	size := 64
	for _, d := range deliveries {
		size += len(d.content.body) + len(d.content.body)/16 + 1024
	}
	w.Grow(size)
	w.ObjStart()
	for i, d := range deliveries {
		if i == 0 {
			w.FieldStart("Messages")
			w.ArrStart()
		} else {
			w.Comma()
		}
		s.writeDelivery(w, d, system, c.messageAttributeNames)
	}
	if len(deliveries) > 0 {
		w.ArrEnd()
	}
	w.ObjEnd()
}

func (s *Server) writeDelivery(w *jx.Writer, d delivery, system map[string]bool, names []string) {
	w.ObjStart()
	w.FieldStart("MessageId")
	w.Str(d.m.id.String())
	w.Comma()
	w.FieldStart("ReceiptHandle")
	w.Str(d.handle)
	w.Comma()
	w.FieldStart("MD5OfBody")
	w.Str(d.content.bodyMD5)
	w.Comma()
	w.FieldStart("Body")
	w.Buf = appendQuoted(w.Buf, d.content.body)

	first := true
	for _, a := range []struct{ name, value string }{
		{"SenderId", s.options.Account},
		{"SentTimestamp", strconv.FormatInt(d.m.sent.UnixMilli(), 10)},
		{"ApproximateReceiveCount", strconv.FormatUint(uint64(d.receives), 10)},
		{"ApproximateFirstReceiveTimestamp", strconv.FormatInt(d.first.UnixMilli(), 10)},
		{"AWSTraceHeader", d.content.trace},
		{"DeadLetterQueueSourceArn", d.source},
		{"MessageGroupId", d.content.group},
	} {
		if !system[a.name] || a.value == "" {
			continue
		}
		if first {
			w.Comma()
			w.FieldStart("Attributes")
			w.ObjStart()
		}
		field(w, &first, a.name)
		w.Str(a.value)
	}
	if !first {
		w.ObjEnd()
	}
	writeAttributes(w, d.content, names)
	w.ObjEnd()
}

// writeAttributes writes the requested message attributes of c, with their digest.
func writeAttributes(w *jx.Writer, c *content, names []string) {
	var chosen []attribute
	for _, a := range c.attributes {
		if slices.ContainsFunc(names, func(name string) bool { return asksFor(name, a.name) }) {
			chosen = append(chosen, a)
		}
	}
	if len(chosen) == 0 {
		return
	}
	digest := c.attrMD5
	if len(chosen) < len(c.attributes) {
		digest = attributesMD5(chosen)
	}
	w.Comma()
	w.FieldStart("MD5OfMessageAttributes")
	w.Str(digest)
	w.Comma()
	w.FieldStart("MessageAttributes")
	w.ObjStart()
	first := true
	for _, a := range chosen {
		field(w, &first, a.name)
		w.ObjStart()
		if a.binary {
			w.FieldStart("BinaryValue")
			w.Base64(a.value)
		} else {
			w.FieldStart("StringValue")
			w.ByteStr(a.value)
		}
		w.Comma()
		w.FieldStart("DataType")
		w.Str(a.dataType)
		w.ObjEnd()
	}
	w.ObjEnd()
}

// asksFor reports whether a requested name, which may be All or a prefix and ".*", covers the attribute
// name.
func asksFor(requested, name string) bool {
	if requested == "All" || requested == name {
		return true
	}
	prefix, ok := strings.CutSuffix(requested, ".*")
	return ok && strings.HasPrefix(name, prefix)
}
