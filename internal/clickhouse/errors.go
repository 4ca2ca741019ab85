package clickhouse

import (
	"errors"
	"fmt"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// What an error of Insert means.
var (
	// ErrUnavailable: ClickHouse is down, overloaded, misconfigured or out of
	// reach. The same rows may be taken later.
	ErrUnavailable = errors.New("ClickHouse unavailable")
	// ErrRefused: ClickHouse refuses something in these rows, and always will.
	ErrRefused = errors.New("ClickHouse refuses the rows")
)

// refusals are the codes that speak of the data. Every other code is taken for
// an outage: waiting loses nothing, while giving up on good events would.
func refused(code proto.Error) bool {
	switch code {
	case proto.ErrCannotParseText,
		proto.ErrCannotParseNumber,
		proto.ErrCannotParseDate,
		proto.ErrCannotParseDatetime,
		proto.ErrCannotParseUUID,
		proto.ErrTypeMismatch,
		proto.ErrArgumentOutOfBound,
		proto.ErrIncorrectData,
		proto.ErrTooLargeStringSize,
		proto.ErrDecimalOverflow,
		proto.ErrCannotConvertType,
		proto.ErrCannotInsertNullInOrdinaryColumn,
		proto.Error(321), // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
		proto.Error(469): // VIOLATED_CONSTRAINT
		return true
	}
	return false
}

// classify wraps err with what it means. The text of the server may quote a value,
// so only its code and name go on.
func classify(doing string, err error) error {
	if exception, ok := ch.AsException(err); ok {
		kind := ErrUnavailable
		if refused(exception.Code) {
			kind = ErrRefused
		}
		return fmt.Errorf("%w: %s: %s (code %d)", kind, doing, exception.Code.String(), int(exception.Code))
	}
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, doing, err)
}
