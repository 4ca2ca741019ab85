package queue

import "time"

// Reason is why something is in the dead-letter queue. Codes are stable: on-call
// filters by them.
type Reason string

// Reasons.
const (
	ReasonMalformedPack      Reason = "malformed_pack"      // not a pack: JSON, base64, zstd or shape
	ReasonCorruptPack        Reason = "corrupt_pack"        // a pack whose content does not match its batch_id or count
	ReasonUnsupportedVersion Reason = "unsupported_version" // a wire version this consumer does not know
	ReasonPackTooLarge       Reason = "pack_too_large"      // beyond the bounds of decoding: size, count or ratio
	ReasonMalformedEvent     Reason = "malformed_event"     // one event of a pack does not decode
	ReasonInvalidEvent       Reason = "invalid_event"       // one event decodes and breaks a rule
	ReasonRefusedEvent       Reason = "refused_event"       // ClickHouse refuses this one row
	ReasonManyBadEvents      Reason = "many_bad_events"     // more events of a pack are bad than are told one by one; the pack is kept whole
	ReasonMalformedRecord    Reason = "malformed_record"    // a source record that is not what its source documents
	ReasonManyBadRecords     Reason = "many_bad_records"    // more records of a file are bad than are told one by one
	ReasonUnknownRecord      Reason = "unknown_record"      // well-formed, and of no kind the producer knows
	ReasonUnreadableFile     Reason = "unreadable_file"     // a file, or the rest of one, that cannot be read as its kind
	ReasonEventTooLarge      Reason = "event_too_large"     // one event that no message can hold
	ReasonRetentionNear      Reason = "retention_near"      // undeliverable until the queue would have dropped it
	ReasonCrashesConsumer    Reason = "crashes_consumer"    // working on it panics, or takes the process down
	ReasonRedriven           Reason = "redriven"            // moved by the queue itself after maxReceiveCount deliveries: its consumer crashed or hung
)

// Reasons are all of them.
func Reasons() []Reason {
	return []Reason{
		ReasonMalformedPack, ReasonCorruptPack, ReasonUnsupportedVersion, ReasonPackTooLarge, ReasonMalformedEvent,
		ReasonInvalidEvent, ReasonRefusedEvent, ReasonManyBadEvents, ReasonMalformedRecord, ReasonManyBadRecords, ReasonUnknownRecord, ReasonUnreadableFile,
		ReasonEventTooLarge, ReasonRetentionNear, ReasonCrashesConsumer, ReasonRedriven,
	}
}

// Unit is what a failure's body holds.
type Unit string

// Units.
const (
	UnitPack   Unit = "pack"   // a whole queue message, as it came
	UnitEvent  Unit = "event"  // one event of a pack: its bytes as they stood in the pack
	UnitRecord Unit = "record" // a source's own record, before it became events
	// UnitSummary is JSON that tells of many failures of a file: how many, why, where, and
	// the bytes of the first; the file holds the others.
	UnitSummary Unit = "summary"
	UnitPart    Unit = "part" // a part of a file or an API's answer, which makes events only together with the rest
)

// Failure is one thing that could not be brought into ClickHouse, with all that
// on-call needs to understand and replay it.
type Failure struct {
	Reason Reason
	// Err explains it to a person: what and where, never a payload's value.
	Err string
	// Unit says what Body is; Body is the original bytes, but for what Redacted tells.
	Unit Unit
	Body []byte
	// Redacted are the places in the original bytes where secrets were: JSON pointers, or
	// "byte N".
	Redacted []string
	// CutFrom is the original's size in bytes when Body is only its beginning,
	// 0 when Body is whole. See Cut.
	CutFrom int
	// Source is the source whose record or part of a file it is, such as "aws.cloudtrail": who knows
	// how to make events of it. It is empty for what came in a message, which tells it itself.
	Source string
	// Origin is where it came from: the queue's name, or a file's name with the
	// record's place in it ("a.json.gz#17").
	Origin string
	// MessageID and ReceiveCount tell of the queue message it came in, if any.
	MessageID    string
	ReceiveCount int
	// FirstSeen and LastSeen are its first and its last delivery.
	FirstSeen, LastSeen time.Time
	// ReplayCount is how often it has been replayed from the dead-letter queue.
	ReplayCount int
	// Stands counts by reason the failures that it stands for, where that is not one of its
	// own reason: many of a summary, none of what another record tells already. It is for
	// counting, and not a part of the record.
	Stands map[Reason]int
}

// Count adds to counts, by reason, the failures that f stands for.
func (f *Failure) Count(counts map[Reason]int64) {
	if f.Stands == nil {
		counts[f.Reason]++
		return
	}
	for reason, n := range f.Stands {
		counts[reason] += int64(n)
	}
}
