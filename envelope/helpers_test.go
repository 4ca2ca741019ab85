package envelope_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"

	"polo/envelope"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden compares got with testdata/name, or rewrites that under -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

// indent makes JSON readable and keeps its numbers as written.
func indent(t *testing.T, raw []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// sameEvent compares amounts by value and treats empty and nil as equal, as the wire
// format does.
func sameEvent() cmp.Options {
	return cmp.Options{
		cmp.Comparer(func(a, b decimal.NullDecimal) bool {
			return a.Valid == b.Valid && (!a.Valid || a.Decimal.Equal(b.Decimal))
		}),
		cmpopts.EquateEmpty(),
	}
}

func linesOf(events []envelope.ResourceEvent) [][]byte {
	lines := make([][]byte, len(events))
	for i := range events {
		lines[i] = events[i].AppendJSON(nil)
	}
	return lines
}

// pack encodes lines as one message.
func pack(tb testing.TB, lines ...[]byte) []byte {
	tb.Helper()
	packs, tooLarge, err := envelope.EncodePacks("aws.cloudtrail", lines, 1<<20)
	if err != nil || len(packs) != 1 || len(tooLarge) > 0 {
		tb.Fatalf("%d packs, too large %v, error %v", len(packs), tooLarge, err)
	}
	return []byte(packs[0].Body)
}

func newDecoder(tb testing.TB) *envelope.Decoder {
	tb.Helper()
	return decoderWith(tb, envelope.DefaultBounds())
}

func decoderWith(tb testing.TB, b envelope.Bounds) *envelope.Decoder {
	tb.Helper()
	d, err := envelope.NewDecoder(b)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}
