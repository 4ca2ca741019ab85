package cur_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"polo/envelope"
	"polo/producers/cur"
)

// parquetOf returns the name of a Parquet file of one row.
func parquetOf[T any](t *testing.T, row T) string {
	t.Helper()
	var buf bytes.Buffer
	w := parquet.NewGenericWriter[T](&buf)
	_, err := w.Write([]T{row})
	write(t, err)
	write(t, w.Close())
	name := filepath.Join(t.TempDir(), "bill.parquet")
	write(t, os.WriteFile(name, buf.Bytes(), 0o600))
	return name
}

type pair struct {
	Key   string `parquet:"key"`
	Value string `parquet:"value"`
}

// Every Parquet type that a bill's column may have gives the text that CSV would hold.
func TestParquetTypes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 3, 4, 0, 0, 0, time.UTC)
	// 2461075 is the Julian day of 2026-02-03, and the rest is the nanoseconds of 4 h.
	nanos := uint64(4 * time.Hour)
	int96 := deprecated.Int96{uint32(nanos), uint32(nanos >> 32), 2461075}
	for _, tc := range []struct {
		name, file string
		want       map[string]string
	}{
		{
			"milliseconds, doubles and maps", parquetOf(t, struct {
				Start    time.Time         `parquet:"line_item_usage_start_date,timestamp(millisecond)"`
				Cost     float64           `parquet:"line_item_unblended_cost"`
				Currency string            `parquet:"line_item_currency_code,dict"`
				Account  string            `parquet:"line_item_usage_account_id"`
				Tags     map[string]string `parquet:"resource_tags"`
			}{at, 0.30000000000000004, "USD", "000000000042", map[string]string{"user_Name": "a \"b\"", "user_x": ""}}),
			map[string]string{"ts": "2026-02-03T04:00:00.000Z", "cost": "0.30000000000000004", "account": "000000000042", "tag Name": "a \"b\"", "tag x": "", "currency": "USD"},
		},
		{"microseconds, decimals and numbers", parquetOf(t, struct {
			Start   time.Time `parquet:"line_item_usage_start_date,timestamp(microsecond)"`
			Cost    int64     `parquet:"line_item_unblended_cost,decimal(10:18)"`
			Blended int32     `parquet:"line_item_blended_cost,decimal(2:9)"`
			Account int64     `parquet:"line_item_usage_account_id"`
			Amount  int64     `parquet:"line_item_usage_amount"`
		}{at, -12, 150, 42, 7}), map[string]string{
			"ts": "2026-02-03T04:00:00.000Z", "cost": "-0.0000000012", "blended_cost": "1.50", "account": "000000000042", "quantity": "7", "currency": "XXX",
		}},
		{"96 bits, floats and JSON", parquetOf(t, struct {
			Start deprecated.Int96 `parquet:"ChargePeriodStart"`
			Cost  float32          `parquet:"BilledCost"`
			Tags  string           `parquet:"Tags"`
			Payer float64          `parquet:"BillingAccountId"`
		}{int96, 0.1, `{"a":"b"}`, 42}), map[string]string{"ts": "2026-02-03T04:00:00.000Z", "cost": "0.1", "tag a": "b", "account": "000000000042"}},
		{"days, and lists of pairs", parquetOf(t, struct {
			Start int32   `parquet:"ChargePeriodStart,date"`
			Cost  float64 `parquet:"BilledCost"`
			Tags  []pair  `parquet:"Tags,list"`
		}{20487, 1e-7, []pair{{"a", "b"}, {"c", "d"}}}), map[string]string{"ts": "2026-02-03T00:00:00.000Z", "cost": "0.0000001", "tag a": "b", "tag c": "d"}},
		{"nulls", parquetOf(t, struct {
			Start  time.Time         `parquet:"ChargePeriodStart,timestamp(nanosecond)"`
			Cost   *float64          `parquet:"BilledCost"`
			End    *time.Time        `parquet:"ChargePeriodEnd,timestamp"`
			Region *string           `parquet:"RegionId"`
			Tags   map[string]string `parquet:"Tags"`
		}{Start: at, Cost: new(float64)}), map[string]string{"ts": "2026-02-03T04:00:00.000Z", "cost": "0", "period_end": "", "region": "", "unread": ""}},
		{"tags in a list of texts", parquetOf(t, struct {
			Start string   `parquet:"ChargePeriodStart"`
			Cost  string   `parquet:"BilledCost"`
			Tags  []string `parquet:"Tags,list"`
		}{"2026-02-03", "2.50", []string{"a"}}), map[string]string{"ts": "2026-02-03T00:00:00.000Z", "cost": "2.5", "unread": "Tags"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, r := collect(t, cur.Files{Input: tc.file})
			lines := r.Of(envelope.TypeCostAccrued)
			if len(lines) != 1 {
				t.Fatalf("%d lines: %+v", len(lines), r.Failures)
			}
			got := map[string]string{}
			for k := range tc.want {
				got[k] = fieldOf(lines[0], k)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
