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

// A letter is a failure written as a message of the dead-letter queue. Its body is the
// original bytes, so that whoever opens it in a console reads what failed. Its attributes,
// all strings and left out when empty, say why:
//
//	Reason        a Reason's code; what makes the message a letter
//	Error         the error's text, at most 1 KiB
//	Unit          "pack", "event", "record", "part" or "summary": what the body holds
//	Encoding      how the body stands for the original bytes, see below
//	Source        the source whose record the body is; not beside MessageId, for a message holds ten attributes
//	Account       the account it is of, if known; not beside MessageId, either
//	Origin        the queue, or the file and place, it came from; at most 1 KiB
//	MessageId     the queue message it came in, and
//	ReceiveCount  how often that had been delivered
//	FirstSeen     its first and
//	LastSeen      its last delivery, RFC 3339 with nanoseconds, UTC
//	ReplayCount   how often it has been replayed
//
// Encoding is the first of these that applies:
//
//	(absent) or "text"  the bytes as they came: legal text that fits
//	"base64"            anything else that fits in base64
//	"zstd+base64"       what fits only compressed
//	"empty"             no bytes; as a queue refuses an empty body, it is "(empty)"
//
// Then ";redacted=PLACES" follows if secrets were redacted, see package redact: JSON
// pointers, or "byte N", separated by spaces. It ends in ";cut-from=N" if the body is only
// the beginning of N bytes. No letter holds a secret, whoever writes it.
//
// A message that the queue itself moved has only the mark of the queue it came from.
// ParseFailure returns it as a Failure of ReasonRedriven whose body is the whole message.
const (
	attrReason       = "Reason"
	attrError        = "Error"
	attrUnit         = "Unit"
	attrSource       = "Source"
	attrAccount      = "Account"
	attrEncoding     = "Encoding"
	attrOrigin       = "Origin"
	attrMessageID    = "MessageId"
	attrReceiveCount = "ReceiveCount"
	attrFirstSeen    = "FirstSeen"
	attrLastSeen     = "LastSeen"
	// AttrReplayCount is also on a replayed message in the main queue, so that a second
	// failure counts the first.
	AttrReplayCount = "ReplayCount"
)

// maxAttributeText bounds each free text of a letter, in bytes.
const maxAttributeText = 1 << 10

// RecordRoom is the most that a letter's attributes take of its message, in bytes.
const RecordRoom = 8 << 10

// Message returns f as a letter for a queue whose messages hold at most maxSize bytes. It
// never cuts the body: one that fits in no encoding is ErrTooLarge. A sender that prefers
// a cut body calls CutMessage.
func (f Failure) Message(maxSize int) (Outgoing, error) {
	return f.WithoutSecrets().message(maxSize) //mutant:letters-keep-secrets
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

// CutMessage is Message, except that it cuts a body that is too large (see Cut) and says
// so at the beginning of Err. It is for senders that would otherwise lose the whole
// failure, or stop.
func (f Failure) CutMessage(maxSize int) (out Outgoing, cut bool, err error) {
	f = f.WithoutSecrets() // redact first: a cut may remove what identifies a secret //mutant:letters-are-cut-before
	out, err = f.message(maxSize)
	if !errors.Is(err, ErrTooLarge) {
		return out, false, err
	}
	f.Err = fmt.Sprintf("body cut from %d bytes with SHA-256 %x, the whole is at its origin; %s",
		len(f.Body), sha256.Sum256(f.Body), f.Err)
	out, err = f.Cut(maxSize).message(maxSize)
	return out, err == nil, err
}

// setBody sets the body in an encoding and reports whether it fits.
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
		a[attrAccount] = cleanText(f.AccountID, maxAttributeText)
	}
	for name, value := range a {
		if value == "" {
			delete(a, name)
		}
	}
	return a
}

// ParseFailure parses a message of a dead-letter queue: a letter, or a message that the
// queue itself moved there. A message that is neither is ErrNotFailure. Damaged attributes
// are left out; only a body that cannot be decoded is an error.
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
		return Failure{}, fmt.Errorf("decoding a letter's body: %w", err)
	}
	return Failure{
		Reason:       Reason(a[attrReason]),
		Err:          a[attrError],
		Unit:         Unit(a[attrUnit]),
		Source:       a[attrSource],
		AccountID:    a[attrAccount],
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
		// A move keeps the id and the enqueue time. Whether it keeps the receive count is
		// not documented, so that is left out.
		MessageID:   m.ID,
		FirstSeen:   m.SentAt,
		ReplayCount: parseCount(m.Attributes[AttrReplayCount]),
	}, nil
}

// Cut returns f with as much of the beginning of its body as is sure to fit a message of
// maxSize bytes, and sets CutFrom. A body that fits stays whole.
func (f Failure) Cut(maxSize int) Failure {
	attributes := Outgoing{Attributes: f.attributes()}
	// The longest Encoding attribute, and base64's four bytes for three.
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

// runeEnd returns where the last whole rune of b ends, so that cut text is still valid
// text.
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
