package clickhouse

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// Errors that Insert's errors match.
var (
	// ErrUnavailable: ClickHouse is down, overloaded, misconfigured or out of reach.
	// The same rows may succeed later.
	ErrUnavailable = errors.New("ClickHouse unavailable")
	// ErrRefused: ClickHouse refuses something in these rows, and will again.
	ErrRefused = errors.New("ClickHouse refuses the rows")
)

// classify wraps err with its meaning. The server's text may quote a value, so the
// result holds only its code, its name, the columns it names, and the remedy.
func classify(doing string, err error, columns []column) error {
	exception, ok := ch.AsException(err)
	if !ok {
		return fmt.Errorf("%w: %s: %w", ErrUnavailable, doing, err) //mutant:network-error-is-refusal,no-answer-counts-as-done
	}
	cause := causeOf(exception.Code)
	what := fmt.Sprintf("%s: %s (code %d)", doing, exception.Code.String(), int(exception.Code))
	if cause.Class == ClassRefused {
		return fmt.Errorf("%w: %s%s", ErrRefused, what, named(exception, columns)) //mutant:value-in-the-reason
	}
	return fmt.Errorf("%w: %s; %s: %s", ErrUnavailable, what, cause.Class, cause.Remedy)
}

// column is the name and type of a column of the table.
type column struct{ name, typ string }

func columnsOf(input proto.Input) []column {
	columns := make([]column, len(input))
	for i, c := range input {
		columns[i] = column{name: c.Name, typ: string(c.Data.Type())}
	}
	return columns
}

// named lists the columns that the server's text names, with their types.
func named(e *ch.Exception, columns []column) string {
	words := strings.FieldsFunc(e.Message, func(r rune) bool {
		return r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	seen := make(map[string]bool, len(words))
	for _, w := range words {
		seen[strings.Trim(w, ".")] = true
	}
	var found []string
	for _, c := range columns {
		if seen[c.name] {
			found = append(found, c.name+" "+c.typ)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return ", column " + strings.Join(found, ", ")
}
