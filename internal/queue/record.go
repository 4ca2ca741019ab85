package queue

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A failure's record in the dead-letter queue is a message like any other. Its
// body is the original bytes, so that whoever opens it in a console reads what
// failed; its attributes, all strings and left out when empty, say why:
//
//	Reason        a Reason's code; what makes the message a record
//	Error         the error's text, at most 1 KiB
//	Unit          "pack", "event", "record", "part" or "summary": what the body holds
//	Encoding      how the body stands for the original bytes, see below
//	Source        the source whose record the body is; not beside MessageId, for a message holds ten attributes
//	Origin        the queue, or the file and place, it came from; at most 1 KiB
//	MessageId     the queue message it came in, and
//	ReceiveCount  how often that had been delivered
//	FirstSeen     its first and
//	LastSeen      its last delivery, RFC 3339 with nanoseconds, UTC
//	ReplayCount   how often it has been replayed
//
// Encoding is, in this order of preference:
//
//	(absent) or "text"  the bytes as they came: legal text that fits
//	"base64"            anything else that fits so
//	"zstd+base64"       what fits only compressed
//	"empty"             no bytes at all; a queue takes no empty body, so it holds "(empty)"
//
// then ";redacted=PLACES" where secrets were taken out of the original bytes, see
// package redact: JSON pointers, or "byte N", parted by spaces; and it ends in
// ";cut-from=N" where the body is only the beginning of N bytes. Whoever makes the
// record, no secret is in it.
//
// A message that the queue itself moved has none of these attributes but the
// mark of the queue it came from; it reads as a Failure of ReasonRedriven whose
// body is the whole message.
const (
	attrReason       = "Reason"
	attrError        = "Error"
	attrUnit         = "Unit"
	attrSource       = "Source"
	attrEncoding     = "Encoding"
	attrOrigin       = "Origin"
	attrMessageID    = "MessageId"
	attrReceiveCount = "ReceiveCount"
	attrFirstSeen    = "FirstSeen"
	attrLastSeen     = "LastSeen"
	// AttrReplayCount is also on a replayed message in the main queue, so that
	// a second failure knows of the first.
	AttrReplayCount = "ReplayCount"
)

// maxAttributeText bounds the free texts of a record, in bytes.
const maxAttributeText = 1 << 10

// RecordRoom is what a failure's record needs of a message besides its body, in
// bytes: all its attributes at their longest.
const RecordRoom = 8 << 10

// Message makes f's record for a queue whose messages hold at most maxSize
// bytes. The body is never cut: one that no encoding makes fit is ErrTooLarge,
// and CutMessage is the sender's explicit way on.
func (f Failure) Message(maxSize int) (Outgoing, error) {
	return f.WithoutSecrets().message(maxSize)
}

func (f Failure) message(maxSize int) (Outgoing, error) {
	if f.Reason == "" {
		return Outgoing{}, errors.New("a failure without a reason")
	}
	out := Outgoing{Attributes: f.attributes()}
	for _, encoding := range [...]string{encodingText, encodingBase64, encodingZstd} {
		if f.setBody(&out, encoding, maxSize) && out.Size() <= maxSize {
			return out, nil
		}
	}
	return Outgoing{}, fmt.Errorf("%w: %s of %d bytes from %s fits a message of %d bytes in no encoding",
		ErrTooLarge, f.Unit, len(f.Body), cleanText(f.Origin, maxAttributeText), maxSize)
}

// CutMessage is Message, save that a body too large for maxSize is cut, see Cut,
// and Err then begins with what was cut: for senders to whom the alternative is
// to lose all of it, or to stop for it.
func (f Failure) CutMessage(maxSize int) (out Outgoing, cut bool, err error) {
	f = f.WithoutSecrets() // a cut may hide what a secret is known by
	out, err = f.message(maxSize)
	if !errors.Is(err, ErrTooLarge) {
		return out, false, err
	}
	f.Err = fmt.Sprintf("body cut from %d bytes with SHA-256 %x, the whole is at its origin; %s",
		len(f.Body), sha256.Sum256(f.Body), f.Err)
	out, err = f.Cut(maxSize).message(maxSize)
	return out, err == nil, err
}

// setBody tells whether encoding can hold the body.
func (f Failure) setBody(out *Outgoing, encoding string, maxSize int) bool {
	body, encoding, ok := encodeBody(f.Body, encoding, maxSize)
	if !ok {
		return false
	}
	encoding += f.redactedMark()
	if f.CutFrom > 0 {
		encoding += cutMark + strconv.Itoa(f.CutFrom)
	}
	delete(out.Attributes, attrEncoding)
	if encoding != encodingText {
		out.Attributes[attrEncoding] = encoding
	}
	out.Body = body
	return true
}

func (f Failure) attributes() map[string]string {
	a := map[string]string{
		attrReason:       cleanText(string(f.Reason), maxAttributeText),
		attrError:        cleanText(f.Err, maxAttributeText),
		attrUnit:         cleanText(string(f.Unit), maxAttributeText),
		attrOrigin:       cleanText(f.Origin, maxAttributeText),
		attrMessageID:    cleanText(f.MessageID, maxAttributeText),
		attrReceiveCount: formatCount(f.ReceiveCount),
		attrFirstSeen:    formatTime(f.FirstSeen),
		attrLastSeen:     formatTime(f.LastSeen),
		AttrReplayCount:  formatCount(f.ReplayCount),
	}
	if f.MessageID == "" {
		a[attrSource] = cleanText(f.Source, maxAttributeText)
	}
	for name, value := range a {
		if value == "" {
			delete(a, name)
		}
	}
	return a
}

// ParseFailure reads a message of a dead-letter queue: the record of a Failure,
// or a message that the queue moved there itself. A message that is neither is
// ErrNotFailure. The rest of a damaged record's attributes is read as far as it
// goes; only a body that cannot be decoded is an error.
func ParseFailure(m Message) (Failure, error) {
	a := m.Attributes
	if a[attrReason] == "" {
		return parseRedriven(m)
	}
	encoding, redacted, cut, err := parseEncoding(a[attrEncoding])
	if err != nil {
		return Failure{}, err
	}
	body, err := decodeBody(m.Body, encoding)
	if err != nil {
		return Failure{}, fmt.Errorf("decoding the body of a failure's record: %w", err)
	}
	return Failure{
		Reason:       Reason(a[attrReason]),
		Err:          a[attrError],
		Unit:         Unit(a[attrUnit]),
		Source:       a[attrSource],
		Body:         body,
		CutFrom:      cut,
		Redacted:     redacted,
		Origin:       a[attrOrigin],
		MessageID:    a[attrMessageID],
		ReceiveCount: parseCount(a[attrReceiveCount]),
		FirstSeen:    parseTime(a[attrFirstSeen]),
		LastSeen:     parseTime(a[attrLastSeen]),
		ReplayCount:  parseCount(a[AttrReplayCount]),
	}, nil
}

func parseRedriven(m Message) (Failure, error) {
	if m.DeadLetterSource == "" {
		return Failure{}, ErrNotFailure
	}
	origin := m.DeadLetterSource[strings.LastIndexByte(m.DeadLetterSource, ':')+1:]
	return Failure{
		Reason: ReasonRedriven,
		Err:    "delivered as often as the queue allows and never deleted",
		Unit:   UnitPack,
		Body:   []byte(m.Body),
		Origin: origin,
		// The move keeps the id and the enqueue time. What the receive count
		// holds after it is not documented, so it stays unknown.
		MessageID:   m.ID,
		FirstSeen:   m.SentAt,
		ReplayCount: parseCount(m.Attributes[AttrReplayCount]),
	}, nil
}

// Cut returns f with as much of the beginning of its body as surely fits a
// message of maxSize bytes, and CutFrom set. What fits whole anyway stays whole.
func (f Failure) Cut(maxSize int) Failure {
	attributes := Outgoing{Attributes: f.attributes()}
	// The encoding's attribute at its longest, and base64's four bytes for three.
	room := maxSize - attributes.Size() - len(f.redactedMark()) - len(attrEncoding) - len(attributeType) - len(encodingBase64) - len(cutMark) - 20
	room = max(room/4*3, 0)
	if len(f.Body) <= room {
		return f
	}
	if f.CutFrom == 0 {
		f.CutFrom = len(f.Body)
	}
	if end := runeEnd(f.Body[:room]); end > 0 {
		room = end
	}
	f.Body = f.Body[:room:room]
	return f
}

// runeEnd is where the last whole rune of b ends, so that a cut leaves text to
// be text.
func runeEnd(b []byte) int {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if utf8.FullRune(b[i:]) {
				return len(b)
			}
			return i
		}
	}
	return len(b)
}

func formatCount(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func parseCount(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
