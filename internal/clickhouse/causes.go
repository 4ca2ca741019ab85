package clickhouse

import (
	"slices"

	"github.com/ClickHouse/ch-go/proto"
)

// Class is what a ClickHouse error means for the rows of the insert.
type Class string

// Classes.
const (
	// ClassOutage: down, overloaded or out of reach; a retry will succeed.
	ClassOutage Class = "outage"
	// ClassSetUp: retrying loses nothing, but a person must change something.
	ClassSetUp Class = "set-up"
	// ClassRefused: the rows themselves are at fault; a retry fails too.
	ClassRefused Class = "refused"
)

// Cause is a ClickHouse error code and its meaning.
type Cause struct {
	Code  proto.Error
	Class Class
	// Remedy says what to look at.
	Remedy string
}

// Causes lists every code that an insert is known to return, by class. A code that is
// not listed counts as an outage: waiting loses nothing, while giving up on good events
// would.
func Causes() []Cause {
	const (
		load    = "too many or too small inserts, or merges lag: see system.merges, lower the consumer's concurrency"
		memory  = "use a larger server, or run fewer queries beside the inserts"
		slow    = "check system.processes, the disk, the network"
		disk    = "free or add disk"
		keeper  = "check Keeper and system.replicas"
		replica = "a replica that the insert quorum needs is down: start it; POLO_CLICKHOUSE_INSERT_QUORUM says how many must be up"
		account = "the consumer's user and password, and its grant: INSERT ON polo.resource_events"
		schema  = "the tables are older than the consumer, or were changed by hand: polo schema status, polo schema up"
		row     = "the event: its letter names the column"
	)
	return []Cause{
		{proto.ErrTimeoutExceeded, ClassOutage, slow},
		{proto.ErrTooManySimultaneousQueries, ClassOutage, load},
		{proto.ErrSocketTimeout, ClassOutage, slow},
		{proto.ErrNetworkError, ClassOutage, slow},
		{proto.ErrTooSlow, ClassOutage, slow},
		{proto.ErrNoFreeConnection, ClassOutage, load},
		{proto.ErrAllConnectionTriesFailed, ClassOutage, slow},
		{proto.ErrNoZookeeper, ClassOutage, keeper},
		{proto.ErrMemoryLimitExceeded, ClassOutage, memory}, //mutant:out-of-memory-is-refusal
		{proto.ErrTableIsReadOnly, ClassOutage, keeper},
		{proto.ErrNotEnoughSpace, ClassOutage, disk}, //mutant:full-disk-is-refusal
		{proto.ErrTooManyParts, ClassOutage, load},   //mutant:too-many-parts-is-refusal
		{proto.ErrTooFewLiveReplicas, ClassOutage, replica},
		{proto.ErrUnknownStatusOfInsert, ClassOutage, keeper},
		{proto.ErrQueryWasCancelled, ClassOutage, slow},
		{proto.ErrCannotAllocateMemory, ClassOutage, memory},
		{proto.ErrCannotWriteToFileDescriptor, ClassOutage, disk},
		{proto.ErrCannotFsync, ClassOutage, disk},
		{proto.ErrAborted, ClassOutage, slow},
		{proto.ErrKeeperException, ClassOutage, keeper},

		{proto.ErrThereIsNoColumn, ClassSetUp, schema},
		{proto.ErrNotFoundColumnInBlock, ClassSetUp, schema},
		{proto.ErrNoSuchColumnInTable, ClassSetUp, schema},
		{proto.ErrNumberOfColumnsDoesntMatch, ClassSetUp, schema},
		{proto.ErrUnknownIdentifier, ClassSetUp, schema},
		{proto.ErrUnknownTable, ClassSetUp, schema}, //mutant:missing-table-is-refusal
		{proto.ErrUnknownDatabase, ClassSetUp, schema},
		{proto.ErrUnknownSetting, ClassSetUp, "ClickHouse is older than 26.3"},
		{proto.ErrReadonly, ClassSetUp, "the user's profile is read-only, or fixes a setting that the insert relies on"}, //mutant:read-only-is-refusal
		{proto.ErrUnknownUser, ClassSetUp, account},
		{proto.ErrWrongPassword, ClassSetUp, account},
		{proto.ErrRequiredPassword, ClassSetUp, account},
		{proto.ErrIPAddressNotAllowed, ClassSetUp, account},
		{proto.ErrQuotaExceeded, ClassSetUp, "the user's quota in system.quotas_usage"},
		{proto.ErrSettingConstraintViolation, ClassSetUp, "the user's profile forbids a setting that the insert relies on"},
		{proto.ErrAccessDenied, ClassSetUp, account},
		{proto.ErrAuthenticationFailed, ClassSetUp, account}, //mutant:wrong-password-is-refusal

		{proto.ErrCannotParseText, ClassRefused, row},
		{proto.ErrCannotParseQuotedString, ClassRefused, row},
		{proto.ErrCannotParseDate, ClassRefused, row},
		{proto.ErrCannotParseDatetime, ClassRefused, row},
		{proto.ErrTypeMismatch, ClassRefused, row},
		{proto.ErrArgumentOutOfBound, ClassRefused, row},
		{proto.ErrCannotConvertType, ClassRefused, row},
		{proto.ErrCannotParseNumber, ClassRefused, row},
		{proto.ErrIncorrectData, ClassRefused, row},
		{proto.ErrTooLargeStringSize, ClassRefused, row},
		{proto.ErrValueIsOutOfRangeOfDataType, ClassRefused, row},
		{proto.ErrCannotInsertNullInOrdinaryColumn, ClassRefused, row},
		{proto.ErrCannotParseUUID, ClassRefused, row},
		{proto.ErrDecimalOverflow, ClassRefused, row},
		{proto.ErrViolatedConstraint, ClassRefused, row},
	}
}

// causeOf returns the meaning of code.
func causeOf(code proto.Error) Cause {
	causes := Causes()
	if i := slices.IndexFunc(causes, func(c Cause) bool { return c.Code == code }); i >= 0 {
		return causes[i]
	}
	return Cause{Code: code, Class: ClassOutage, Remedy: "not a known error of an insert; see ClickHouse's log"}
}
