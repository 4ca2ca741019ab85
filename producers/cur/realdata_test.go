package cur_test

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"polo/envelope"
	"polo/producers/cur"
)

// realData returns a folder of real files below POLO_REAL_DATA. If that is unset, the test is
// skipped; if the folder is missing, it fails.
func realData(t *testing.T, path string) string {
	t.Helper()
	root := os.Getenv("POLO_REAL_DATA")
	if root == "" {
		t.Skip("POLO_REAL_DATA is not set: no real files to test on")
	}
	dir := filepath.Join(root, filepath.FromSlash(path))
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("POLO_REAL_DATA is set, but: %v", err)
	}
	return dir
}

// Real bills have the expected number of lines and the expected sum. A second method computes the
// sum: it adds the CSV's text, or the shortest decimal forms of the Parquet's doubles, as
// fractions.
func TestRealBills(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path string
		// lines counts the rows, rejected those that are not a bill's.
		lines, rejected int64
		sums            []string
		completed       []string
		unread          map[string]int64
	}{
		{"cur_parquet_wal", 91264, 0, []string{"2018-12-01 USD 91264 408.3759924354 effective 539.8499667354"}, []string{"836060457634 2018-12-01 2019-01-01"}, nil},
		{
			"cur_s3_layout_koku", 6190, 0,
			[]string{"2018-08-01 USD 6190 29684.780682464855373934184 effective 29684.780682464855373934184"},
			[]string{"4090136019287 2018-08-01 2018-09-01"},
			nil,
		},
		{
			"cur_csv_koku", 22, 0,
			[]string{"2018-06-01 USD 19 0.0827499841274349353 effective 0.0827499841274349353", "2023-06-01 NOK 3 30 effective 0.3"},
			[]string{"0099999999999 2023-06-01 2023-07-01", "6838635603105 2018-06-01 2018-07-01"},
			nil,
		},
		// The rows have neither a cost nor a time: only the columns are real.
		{"cur2_shape_fivetran", 20, 20, nil, nil, nil},
		{
			"focus_1_0", 425, 0,
			[]string{"2024-09-01 USD 425 13.53061759696 effective 11.01072046663"},
			[]string{"/providers/Microsoft.Billing/billingAccounts/8611537 2024-09-01 2024-10-01", "1234567890123 2024-09-01 2024-10-01", "20209880 2024-09-01 2024-10-01"},
			nil,
		},
		// They name no currency and no payer, and the end of two is in an hour 30.
		{"focus_spec_examples", 25, 0, []string{"2023-01-01 XXX 25 13154.75 effective 14.25"}, nil, map[string]int64{"ChargePeriodEnd": 2}},
	} {
		t.Run(tc.path, func(t *testing.T) {
			t.Parallel()
			dir := realData(t, "cost/"+tc.path)
			s, r := collect(t, cur.Files{Input: dir})
			if s.Lines != tc.lines || s.Lines-s.Events != tc.rejected || int64(len(r.Failures)) != tc.rejected {
				t.Errorf("%d lines, %d events, %d failures; want %d lines, %d of them rejected", s.Lines, s.Events, len(r.Failures), tc.lines, tc.rejected)
			}
			for _, f := range r.Failures {
				if len(f.Body) == 0 || !strings.Contains(f.Err, "missing") || !strings.Contains(f.Origin, "#") {
					t.Errorf("failure without its cause or its row: %+v", f)
				}
			}
			var sums []string
			total := new(big.Rat)
			for _, x := range s.Sums {
				sums = append(sums, fmt.Sprintf("%s %s %d %s effective %s", x.BillingPeriod, x.Currency, x.Lines, x.Cost, x.Effective))
				total.Add(total, x.Cost.Rat())
			}
			if d := cmp.Diff(tc.sums, sums); d != "" {
				t.Errorf("sums (-want +got):\n%s", d)
			}
			if want := fileSum(t, dir); want.Cmp(total) != 0 {
				t.Errorf("the files sum to %s, the lines to %s", want.FloatString(30), total.FloatString(30))
			}
			if d := cmp.Diff(tc.completed, completions(r)); d != "" {
				t.Errorf("completed (-want +got):\n%s", d)
			}
			if tc.unread == nil {
				tc.unread = map[string]int64{}
			}
			if d := cmp.Diff(tc.unread, s.Unread); d != "" {
				t.Errorf("unread (-want +got):\n%s", d)
			}
			// A later reading restates every line under the same id.
			_, again := collect(t, cur.Files{Input: dir, ObservedAt: observed.Add(time.Hour)})
			if d := cmp.Diff(ids(r), ids(again)); d != "" {
				t.Errorf("read again (-first +second):\n%s", d)
			}
			if len(ids(r)) != int(s.Events) {
				t.Errorf("%d ids of %d events", len(ids(r)), s.Events)
			}
		})
	}
}

// fileSum adds the billed costs in a folder's files.
func fileSum(t *testing.T, dir string) *big.Rat {
	t.Helper()
	total := new(big.Rat)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
			return err
		case strings.HasSuffix(name, ".parquet"):
			return addParquet(total, name)
		case strings.HasSuffix(name, ".csv"), strings.HasSuffix(name, ".csv.gz"):
			return addCSV(total, name)
		}
		return nil
	})
	write(t, err)
	return total
}

func addCSV(total *big.Rat, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	var in io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return err
		}
	}
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1
	cost := -1
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if cost < 0 {
			for i, c := range record {
				if c == "lineItem/UnblendedCost" || c == "line_item_unblended_cost" || c == "BilledCost" {
					cost = i
				}
			}
			continue
		}
		if record[cost] == "" {
			continue
		}
		v, ok := new(big.Rat).SetString(record[cost])
		if !ok {
			return fmt.Errorf("not a number in %s: %s", name, record[cost])
		}
		total.Add(total, v)
	}
}

// addParquet adds a column's doubles in their shortest decimal forms.
func addParquet(total *big.Rat, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return err
	}
	pages := file.Root().Column("line_item_unblended_cost").Pages()
	defer func() { _ = pages.Close() }()
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		values := make([]parquet.Value, page.NumValues())
		if _, err := page.Values().ReadValues(values); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		for _, v := range values {
			x, ok := new(big.Rat).SetString(strconv.FormatFloat(v.Double(), 'g', -1, 64))
			if !ok {
				return fmt.Errorf("not a finite number in %s", name)
			}
			total.Add(total, x)
		}
	}
}

// A line id of a real bill occurs once in each interval of the month; with the interval it is
// unique.
func TestRealIdentity(t *testing.T) {
	t.Parallel()
	_, r := collect(t, cur.Files{Input: realData(t, "cost/cur_parquet_wal")})
	lines, pairs := map[string]int{}, map[string]int{}
	for _, e := range r.Of(envelope.TypeCostAccrued) {
		id := e.Properties.Get("line_item_id")
		lines[id]++
		interval := e.Properties.Get("time_interval")
		if interval == "" {
			interval = e.TS.String() + "/" + e.PeriodEnd.String()
		}
		pairs[id+" "+interval]++
	}
	if len(lines) != 770 || len(pairs) != 91264 {
		t.Errorf("%d line ids and %d pairs of id and interval, want 770 and 91264", len(lines), len(pairs))
	}
}
