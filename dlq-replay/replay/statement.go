package replay

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"polo/envelope"
)

// Statement identifies a statement as it was sent: enough to find its row, and to distinguish it
// from an earlier statement of the same fact.
type Statement struct {
	ID      uuid.UUID
	TS      time.Time // UTC, milliseconds
	Version uint64    // envelope.RowVersion
}

func statementOf(e *envelope.ResourceEvent, raw []byte) Statement {
	return Statement{ID: e.EventID, TS: time.UnixMilli(e.TS.UnixMilli()).UTC(), Version: envelope.RowVersion(e.ObservedAt, raw)}
}

// MarshalText writes id/milliseconds/version.
func (s Statement) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%s/%d/%d", s.ID, s.TS.UnixMilli(), s.Version), nil
}

// UnmarshalText parses what MarshalText wrote.
func (s *Statement) UnmarshalText(text []byte) error {
	parts := strings.Split(string(text), "/")
	if len(parts) != 3 {
		return fmt.Errorf("%q is no id/milliseconds/version", text)
	}
	id, err := uuid.Parse(parts[0])
	if err != nil {
		return fmt.Errorf("reading a statement's id: %w", err)
	}
	ms, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return fmt.Errorf("reading a statement's time: %w", err)
	}
	version, err := strconv.ParseUint(parts[2], 10, 64)
	if err != nil {
		return fmt.Errorf("reading a statement's version: %w", err)
	}
	*s = Statement{ID: id, TS: time.UnixMilli(ms).UTC(), Version: version}
	return nil
}
