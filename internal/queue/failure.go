package queue

import "time"

// Reason says why a letter is in the dead-letter queue. Codes are stable: on-call filters
// by them.
type Reason string

// Reasons.
const (
	ReasonMalformedPack      Reason = "malformed_pack"      // not a pack: JSON, base64, zstd or shape
	ReasonCorruptPack        Reason = "corrupt_pack"        // a pack whose content does not match its batch_id or count
	ReasonUnsupportedVersion Reason = "unsupported_version" // a wire version this consumer does not know
	ReasonPackTooLarge       Reason = "pack_too_large"      // beyond the decoder's bounds: size, count or ratio
	ReasonMalformedEvent     Reason = "malformed_event"     // one event of a pack does not decode
	ReasonInvalidEvent       Reason = "invalid_event"       // one event decodes and breaks a rule
	ReasonRefusedEvent       Reason = "refused_event"       // ClickHouse refuses this one row
	ReasonManyBadEvents      Reason = "many_bad_events"     // a pack has more bad events than get letters of their own; the letter holds the whole pack
	ReasonMalformedRecord    Reason = "malformed_record"    // a source record that does not match its source's documentation
	ReasonManyBadRecords     Reason = "many_bad_records"    // a file has more bad records than get letters of their own
	ReasonUnknownRecord      Reason = "unknown_record"      // a well-formed record of a kind that the producer does not know
	ReasonUnreadableFile     Reason = "unreadable_file"     // a file, or the rest of one, that cannot be parsed as its kind
	ReasonEventTooLarge      Reason = "event_too_large"     // one event that fits no message
	ReasonRetentionNear      Reason = "retention_near"      // undeliverable until the queue's retention was nearly over
	ReasonCrashesConsumer    Reason = "crashes_consumer"    // processing it panics or kills the process
	ReasonRedriven           Reason = "redriven"            // the queue itself moved it after maxReceiveCount deliveries: its consumer crashed or hung
)

// Reasons lists all reasons.
func Reasons() []Reason {
	return []Reason{
		ReasonMalformedPack, ReasonCorruptPack, ReasonUnsupportedVersion, ReasonPackTooLarge, ReasonMalformedEvent,
		ReasonInvalidEvent, ReasonRefusedEvent, ReasonManyBadEvents, ReasonMalformedRecord, ReasonManyBadRecords, ReasonUnknownRecord, ReasonUnreadableFile,
		ReasonEventTooLarge, ReasonRetentionNear, ReasonCrashesConsumer, ReasonRedriven,
	}
}

// Unit says what a failure's body holds.
type Unit string

// Units.
const (
	UnitPack   Unit = "pack"   // a whole queue message, unchanged
	UnitEvent  Unit = "event"  // one event of a pack: its bytes as in the pack
	UnitRecord Unit = "record" // a source's own record, before it became events
	// UnitSummary is JSON about many failures of a file: how many, why, where, and the
	// bytes of the first. The others are still in the file.
	UnitSummary Unit = "summary"
	UnitPart    Unit = "part" // a part of a file or of an API's response, which becomes events only together with the rest
)

// Failure is one thing that could not be inserted into ClickHouse, with all that on-call
// needs to understand and replay it.
type Failure struct {
	Reason Reason
	// Err explains the failure to a person: what and where, never a payload's value.
	Err string
	// Unit says what Body is. Body is the original bytes, except at the places in Redacted.
	Unit Unit
	Body []byte
	// Redacted lists the places in the original bytes that held secrets: JSON pointers, or
	// "byte N".
	Redacted []string
	// CutFrom is the original's size in bytes if Body is only its beginning, 0 if Body is
	// whole. See Cut.
	CutFrom int
	// Source is the source whose record or part of a file it is, such as "aws.cloudtrail": who knows
	// how to make events of it. It is empty for what came in a message, which tells it itself.
	Source string
	// AccountID is the account that it is of, where the source says so. It is empty for what came in a
	// message, whose events say so.
	AccountID string
	// Origin is where it came from: the queue's name, or a file's name with the
	// record's place in it ("a.json.gz#17").
	Origin string
	// MessageID and ReceiveCount identify the queue message it came in, if any.
	MessageID    string
	ReceiveCount int
	// FirstSeen and LastSeen are the times of its first and last delivery.
	FirstSeen, LastSeen time.Time
	// ReplayCount is how often it has been replayed from the dead-letter queue.
	ReplayCount int
	// Represents counts, by reason, the failures that this one represents, unless that is one
	// of its own reason: many for a summary, none for one that another letter covers. It is
	// only for counting and not part of the letter.
	Represents map[Reason]int
}

// Count adds the failures that f represents to counts, by reason.
func (f *Failure) Count(counts map[Reason]int64) {
	if f.Represents == nil {
		counts[f.Reason]++
		return
	}
	for reason, n := range f.Represents { //mutant:reasons-do-not-add-up
		counts[reason] += int64(n)
	}
}
