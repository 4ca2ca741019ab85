package exchange_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"polo/producers/exchange"
)

// A file that is small on disk and large in memory is refused by name, before its answers are kept.
func TestParseIsBounded(t *testing.T) {
	t.Parallel()
	one := func(body string) string {
		return `{"request":{"method":"GET","url":"https://api.github.com/x"},"response":{"code":200,"body":` + body + `}}`
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(`"` + strings.Repeat("a", 20<<20) + `"`))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	gzipped := one(fmt.Sprintf(`{"encoding":"base64","string":%q}`, base64.StdEncoding.EncodeToString(packed.Bytes())))
	for says, text := range map[string]string{
		"more than 1000000 values;":           `[` + strings.Repeat(`{},`, 1_000_001) + `{}]`,
		"more than 1000000 values in its":     `[` + one(`"[`+strings.Repeat(`{},`, 600_000)+`{}]"`) + `]`,
		"more than 100000 exchanges":          `[` + one(`""`) + strings.Repeat(`,{}`, 200_000) + `]`,
		"answers of more than 33554432 bytes": `[` + gzipped + `,` + gzipped + `]`,
	} {
		all, err := exchange.Parse([]byte(text))
		if len(all) != 0 || err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "several files") || len(err.Error()) > 200 {
			t.Errorf("%d exchanges, %.300v, not %q", len(all), err, says)
		}
	}
}
