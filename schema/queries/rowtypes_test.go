package queries_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"polo/schema/queries"
)

// TestRowTypes holds the application's types of rows to the columns, whose types TestEveryQuery holds to what ClickHouse answers.
func TestRowTypes(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("// Made of the columns in schema/queries by go test ./schema/queries -run TestRowTypes -update.\n\n/** A row of each named query's answer. */\nexport interface Rows {\n")
	for _, q := range queries.All() {
		fmt.Fprintf(&b, "  %s: {\n", q.Name)
		for _, c := range q.Columns {
			unit := ""
			if c.Unit != "" {
				unit = " (" + c.Unit + ")"
			}
			fmt.Fprintf(&b, "    /** %s%s */\n    %s: %s\n", c.Text, unit, c.Name, typeScript(t, c.Type))
		}
		b.WriteString("  }\n")
	}
	b.WriteString("}\n")
	hold(t, "../../worker/src/rows.ts", []byte(b.String()))
}

var (
	wrapped = regexp.MustCompile(`^(Nullable|Array|Map)\((.+)\)$`)
	numbers = regexp.MustCompile(`^(Float(32|64)|U?Int(8|16|32))$`)
	texts   = regexp.MustCompile(`^(String|UUID|U?Int64|Decimal\(.*|Date|Date32|DateTime.*)$`)
)

// typeScript returns the type of a column's values in JSON: what JSON's numbers cannot hold is a string.
func typeScript(t *testing.T, typ string) string {
	m := wrapped.FindStringSubmatch(typ)
	switch {
	case m != nil && m[1] == "Nullable":
		return typeScript(t, m[2]) + " | null"
	case m != nil && m[1] == "Array":
		if item := typeScript(t, m[2]); !strings.Contains(item, " ") {
			return item + "[]"
		}
		return "(" + typeScript(t, m[2]) + ")[]"
	case m != nil:
		_, value, _ := strings.Cut(m[2], ", ")
		return "Record<string, " + typeScript(t, value) + ">"
	case typ == "Bool":
		return "boolean"
	case numbers.MatchString(typ):
		return "number"
	case texts.MatchString(typ):
		return "string"
	}
	t.Errorf("no type of TypeScript for %s", typ)
	return "unknown"
}
