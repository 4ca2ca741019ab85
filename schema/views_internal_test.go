package schema

import (
	"strings"
	"testing"
)

// TestFormattingHoldsNoPassword: the text of a query stays in ClickHouse's logs.
func TestFormattingHoldsNoPassword(t *testing.T) {
	t.Parallel()
	query := formattingOf([]wanted{
		{name: "accounts_dict", query: "CREATE DICTIONARY d (a String) SOURCE(CLICKHOUSE(USER 'reader' PASSWORD 'it\\'s secret' TABLE 'x'))", dictionary: true},
		{name: "accounts", query: "SELECT 1"},
		{name: "resource_events"},
	})
	if strings.Contains(query, "secret") || strings.Contains(query, "reader") || !strings.Contains(query, "TABLE") || !strings.Contains(query, "SELECT 1") {
		t.Error(query)
	}
	if got := formattingOf([]wanted{{name: "resource_events"}}); got != "" {
		t.Errorf("a table alone is asked for: %s", got)
	}
}
