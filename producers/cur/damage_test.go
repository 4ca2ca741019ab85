package cur_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cur"
	"polo/producers/cur/curtest"
)

// Folders of a generated CUR 1.
const (
	assembly = "861af42f-713c-4a42-9562-9158a7625630"
	home     = "bills/costs/20260201-20260301/"
)

// A damaged or incomplete delivery publishes what can be read, reports what cannot with its
// place, and completes nothing.
func TestDamagedDelivery(t *testing.T) {
	t.Parallel()
	b := curtest.Small()
	for _, tc := range []struct {
		name   string
		damage func(t *testing.T, dir string)
		// lines is the least number of lines that survive; origins are those of the failures.
		lines   int64
		origins []string
		why     string
	}{
		{"a file is missing", func(t *testing.T, dir string) {
			write(t, os.Remove(filepath.Join(dir, home, assembly, "costs-2.csv.gz")))
		}, 130, []string{home + assembly + "/costs-2.csv.gz"}, "missing"},
		{"a file is cut", func(t *testing.T, dir string) {
			name := filepath.Join(dir, home, assembly, "costs-3.csv.gz")
			data := read(t, name)
			write(t, os.WriteFile(name, data[:len(data)-200], 0o600))
		}, 133, []string{home + assembly + "/costs-3.csv.gz#"}, "read to its end"},
		{"a file is not a bill", func(t *testing.T, dir string) {
			write(t, os.WriteFile(filepath.Join(dir, home, assembly, "costs-1.csv.gz"), []byte("a,b\n1,2\n"), 0o600))
		}, 133, []string{home + assembly + "/costs-1.csv.gz"}, "could not be read"},
		{"a file is empty", func(t *testing.T, dir string) {
			write(t, os.WriteFile(filepath.Join(dir, home, assembly, "costs-1.csv.gz"), nil, 0o600))
		}, 133, []string{home + assembly + "/costs-1.csv.gz"}, "could not be read"},
		{"the current manifest is cut", func(t *testing.T, dir string) {
			name := filepath.Join(dir, home, "costs-Manifest.json")
			write(t, os.WriteFile(name, read(t, name)[:100], 0o600))
		}, 200, []string{home + "costs-Manifest.json"}, "manifest"},
		{"every manifest is cut", func(t *testing.T, dir string) {
			for _, name := range []string{filepath.Join(dir, home, "costs-Manifest.json"), filepath.Join(dir, home, assembly, "costs-Manifest.json")} {
				write(t, os.WriteFile(name, read(t, name)[:100], 0o600))
			}
		}, 200, []string{home + assembly + "/costs-Manifest.json", home + "costs-Manifest.json"}, "manifest"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, b.CUR1(dir, assembly))
			tc.damage(t, dir)
			s, r := collect(t, cur.Files{Input: dir})
			if s.Events < tc.lines {
				t.Errorf("%d events, want at least %d", s.Events, tc.lines)
			}
			if got := completions(r); len(got) > 0 {
				t.Errorf("completed: %v", got)
			}
			if len(s.Bills) != 1 || s.Bills[0].Complete || !strings.Contains(s.Bills[0].Why, tc.why) {
				t.Errorf("bills: %+v, want one that is not complete for %q", s.Bills, tc.why)
			}
			if len(r.Failures) != len(tc.origins) {
				t.Fatalf("%d failures, want %d: %+v", len(r.Failures), len(tc.origins), r.Failures)
			}
			for i, f := range r.Failures {
				if !strings.HasPrefix(f.Origin, tc.origins[i]) || len(f.Body) == 0 || f.Reason != queue.ReasonUnreadableFile || f.Unit != queue.UnitPart {
					t.Errorf("failure %d: %s %s from %s, want from %s", i, f.Reason, f.Unit, f.Origin, tc.origins[i])
				}
			}
			if len(r.Of(envelope.TypeScanIncomplete)) == 0 {
				t.Error("no gap reports it")
			}
		})
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	write(t, err)
	return data
}

// A damaged page of a Parquet file loses its row group only; a file without its end is lost as a
// whole.
func TestDamagedParquet(t *testing.T) {
	t.Parallel()
	b := curtest.Small()
	b.Files = 1
	intact := t.TempDir()
	write(t, b.CUR2(intact, "2026-03-02T00:00:00.000Z-x", false))
	name := "bills/costs/data/BILLING_PERIOD=2026-02/2026-03-02T00:00:00.000Z-x/costs-00001.snappy.parquet"
	data := read(t, filepath.Join(intact, filepath.FromSlash(name)))
	for _, tc := range []struct {
		name   string
		damage func([]byte) []byte
	}{
		{"no end", func(d []byte) []byte { return d[:len(d)/2] }},
		{"a page is zeros", func(d []byte) []byte { return append(append(bytes.Clone(d[:200]), make([]byte, 4000)...), d[4200:]...) }},
		{"a page is noise", func(d []byte) []byte {
			d = bytes.Clone(d)
			for i := 100; i < 6000; i += 7 {
				d[i] ^= 0x5a
			}
			return d
		}},
		{"the footer is noise", func(d []byte) []byte {
			d = bytes.Clone(d)
			for i := len(d) - 600; i < len(d)-8; i += 3 {
				d[i] ^= 0x5a
			}
			return d
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, b.CUR2(dir, "2026-03-02T00:00:00.000Z-x", false))
			write(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), tc.damage(data), 0o600))
			s, r := collect(t, cur.Files{Input: dir})
			if len(completions(r)) > 0 || len(r.Failures) == 0 {
				t.Errorf("completed %v with %d failures: %+v", completions(r), len(r.Failures), s)
			}
			for _, f := range r.Failures {
				if len(f.Body) == 0 || f.CutFrom < len(f.Body) && f.CutFrom != 0 || !strings.HasPrefix(f.Origin, name) {
					t.Errorf("%s from %s with %d bytes of %d", f.Err, f.Origin, len(f.Body), f.CutFrom)
				}
			}
		})
	}
}

// A row that cannot be read keeps its bytes, and its neighbours are read.
func TestDamagedRows(t *testing.T) {
	t.Parallel()
	const header = "lineItem/UsageStartDate,lineItem/UnblendedCost,lineItem/CurrencyCode,lineItem/UsageAccountId,lineItem/LineItemDescription\n"
	const good = "2026-02-01T00:00:00Z,1,USD,000000000042,\n"
	for _, tc := range []struct {
		name, rows string
		lines      int64
		failures   []string // origin, then the body
	}{
		{
			"an open quote", good + "2026-02-01T01:00:00Z,1,USD,000000000042,\"open\n" + good + good, 3,
			[]string{"bill.csv#3", "2026-02-01T01:00:00Z,1,USD,000000000042,\"open"},
		},
		{
			"an open quote, and a row with line ends after it", "x,1,USD,1,\"open\n" + good + "2026-02-01T00:00:00Z,1,USD,000000000042,\"two\nlines\"\n" + good, 3,
			[]string{"bill.csv#2", "x,1,USD,1,\"open"},
		},
		{"text after a quote", "2026-02-01T01:00:00Z,1,USD,1,\"a\"b\n" + good, 1, []string{"bill.csv#2", "2026-02-01T01:00:00Z,1,USD,1,\"a\"b"}},
		{"too few fields", good + good + "2026-02-01T01:00:00Z,1\n" + good, 3, []string{"bill.csv#4", "2026-02-01T01:00:00Z,1"}},
		{"too many", good + good + "2026-02-01T01:00:00Z,1,USD,1,a,b\n" + good, 3, []string{"bill.csv#4", "2026-02-01T01:00:00Z,1,USD,1,a,b"}},
		{"the file ends within a row", good + good + "2026-02-01T01:00:00Z,1,US", 2, []string{"bill.csv#4", "2026-02-01T01:00:00Z,1,US"}},
		{"no number", good + "2026-02-01T01:00:00Z,1.2.3,USD,000000000042,\n", 1, []string{"bill.csv#3", "2026-02-01T01:00:00Z,1.2.3,USD,000000000042,"}},
		{"not finite", good + "2026-02-01T01:00:00Z,NaN,USD,000000000042,\n", 1, []string{"bill.csv#3", "2026-02-01T01:00:00Z,NaN,USD,000000000042,"}},
		{"no cost", good + "2026-02-01T01:00:00Z,,USD,000000000042,\n", 1, []string{"bill.csv#3", "2026-02-01T01:00:00Z,,USD,000000000042,"}},
		{"no time", good + "1/2/2026,1,USD,1,\n", 1, []string{"bill.csv#3", "1/2/2026,1,USD,1,"}},
		{"more digits than any table holds", good + "2026-02-01T01:00:00Z,1E-39,USD,000000000042,\n", 1, []string{"bill.csv#3", "2026-02-01T01:00:00Z,1E-39,USD,000000000042,"}},
		{"not UTF-8", good + "2026-02-01T01:00:00Z,1,USD,1,\xff\n", 1, []string{"bill.csv#3", "2026-02-01T01:00:00Z,1,USD,1,\xff"}},
		{"a very long line", good + "2026-02-01T01:00:00Z,1,USD,1,\"" + strings.Repeat("x", 2<<20) + "\n" + good, 2, []string{"bill.csv#3", ""}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s, r := collect(t, cur.Files{Input: file(t, "bill.csv", header+tc.rows)})
			if s.Events != tc.lines {
				t.Errorf("%d events, want %d", s.Events, tc.lines)
			}
			if len(completions(r)) > 0 {
				t.Errorf("completed: %v", completions(r))
			}
			var got []string
			for _, f := range r.Failures {
				if len(f.Body) > 1000 {
					f.Body = nil
				}
				got = append(got, f.Origin, string(f.Body))
			}
			if d := cmp.Diff(tc.failures, got); d != "" {
				t.Errorf("failures (-want +got):\n%s", d)
			}
		})
	}
}

// A rejected row makes its own bill incomplete, and not the bill of another payer or month.
func TestBadRowOfAnotherBill(t *testing.T) {
	t.Parallel()
	const header = "bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,lineItem/UsageAccountId,lineItem/UsageStartDate,lineItem/UnblendedCost,lineItem/CurrencyCode\n"
	const june, july = ",2023-06-01T00:00:00Z,2023-07-01T00:00:00Z,", ",2023-07-01T00:00:00Z,2023-08-01T00:00:00Z,"
	const one, other = "111111111111", "222222222222"
	good := one + june + one + ",2023-06-01T00:00:00Z,10,USD\n"
	for _, tc := range []struct{ name, bad string }{
		{"another payer's", other + june + other + ",2023-06-01T00:00:00Z,oops,USD\n"},
		{"another month's", one + july + one + ",2023-07-01T00:00:00Z,,USD\n"},
	} {
		for _, files := range []map[string]string{{"a.csv": good, "b.csv": tc.bad}, {"a.csv": good + tc.bad}, {"a.csv": tc.bad + good}} {
			t.Run(fmt.Sprintf("%s, in %d files", tc.name, len(files)), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				for name, rows := range files {
					write(t, os.WriteFile(filepath.Join(dir, name), []byte(header+rows), 0o600))
				}
				s, r := collect(t, cur.Files{Input: dir})
				if d := cmp.Diff([]string{one + " 2023-06-01 2023-07-01"}, completions(r)); d != "" {
					t.Errorf("completed (-want +got):\n%s", d)
				}
				if len(r.Failures) != 1 || len(s.Bills) != 2 {
					t.Errorf("%d failures, bills %+v", len(r.Failures), s.Bills)
				}
				for _, b := range s.Bills {
					if want := b.Payer == one && b.BillingPeriod == "2023-06-01"; b.Complete != want {
						t.Errorf("the summary says of %+v that it is complete", b)
					}
				}
			})
		}
	}
}

// file writes a file into its own folder.
func file(t *testing.T, name, content string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	write(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}
