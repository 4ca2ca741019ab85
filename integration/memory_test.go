//go:build linux

package integration_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

// mostMemory is the default --memory of `polo ingest`, in bytes.
const mostMemory = 512 << 20

// zipped writes a gzip file of what fill writes.
func zipped(t *testing.T, path string, fill func(w io.Writer)) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	fill(z)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// times writes a text repeatedly, about size bytes in all.
func times(w io.Writer, text string, size int) {
	block := bytes.Repeat([]byte(text), max(1, 64<<10/len(text)))
	for ; size > 0; size -= len(block) {
		_, _ = w.Write(block) // Close returns a write error
	}
}

const billHead = "identity/LineItemId,identity/TimeInterval,bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,lineItem/UsageAccountId," +
	"lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/CurrencyCode,lineItem/UnblendedCost"

const billLine = "2026-03-01T00:00:00Z/2026-03-01T01:00:00Z,000011112222,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,000011113333," +
	"Usage,2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,AmazonEC2,USD,1"

// hostile returns inputs that are small on disk and large in memory, by name, as functions that write them into a
// folder.
func hostile() map[string]func(t *testing.T, dir string) {
	log := func(fill func(w io.Writer)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			for i := range 3 {
				zipped(t, filepath.Join(dir, fmt.Sprint("log", i, ".json.gz")), fill)
			}
		}
	}
	bill := func(fill func(w io.Writer)) func(*testing.T, string) {
		return func(t *testing.T, dir string) { t.Helper(); zipped(t, filepath.Join(dir, "bill.csv.gz"), fill) }
	}
	answer := func(fill func(w io.Writer)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			for i := range 3 {
				zipped(t, filepath.Join(dir, fmt.Sprintf("ec2.DescribeInstances_%d.json.gz", i)), fill)
			}
		}
	}
	recorded := func(call string, fill func(w io.Writer)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			zipped(t, filepath.Join(dir, "recorded.json.gz"), func(w io.Writer) {
				_, _ = io.WriteString(w, `[{"request":{"method":"GET","url":"https://`+call+`"},"response":{"code":200,"headers":{},"body":"`)
				fill(w)
				_, _ = io.WriteString(w, `"}}]`)
			})
		}
	}
	return map[string]func(t *testing.T, dir string){
		"log: records without end": log(func(w io.Writer) { _, _ = io.WriteString(w, `{"Records":[`); times(w, "{},", 4<<20) }),
		"log: large records": log(func(w io.Writer) {
			_, _ = io.WriteString(w, `{"Records":[`)
			for range 8 {
				_, _ = io.WriteString(w, `{"eventVersion":"1.08","eventTime":"2026-03-01T10:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","requestParameters":{"a":"`)
				times(w, "x", 15<<20)
				_, _ = io.WriteString(w, `"}},`)
			}
		}),
		"log: records of many members": log(func(w io.Writer) {
			_, _ = io.WriteString(w, `{"Records":[`)
			for range 4 {
				_, _ = io.WriteString(w, `{"eventVersion":"1.08","eventTime":"2026-03-01T10:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","requestParameters":{"a":[`)
				times(w, `{"vpcId":"vpc-0abc1234"},`, 15<<20)
				_, _ = io.WriteString(w, `0]}},`)
			}
		}),
		"log: records within records": log(func(w io.Writer) {
			_, _ = io.WriteString(w, `{"Records":[`)
			for range 3 {
				_, _ = io.WriteString(w, `{"eventVersion":"1.08","a":[`)
				times(w, `{"eventVersion":"1.08","eventTime":"x","eventSource":"y"},`, 14<<20)
				_, _ = io.WriteString(w, `0]},`)
			}
			_, _ = io.WriteString(w, `{"cut`)
		}),
		"log: depth": log(func(w io.Writer) {
			_, _ = io.WriteString(w, `{"Records":[`+`{"eventVersion":"1.08","a":`)
			times(w, "[", 200<<20)
		}),
		"log: a text":  log(func(w io.Writer) { _, _ = io.WriteString(w, `{"Records":["`); times(w, "a", 300<<20) }),
		"log: nothing": log(func(w io.Writer) { times(w, " ", 400<<20) }),
		"log: subscribed": log(func(w io.Writer) {
			_, _ = io.WriteString(w, `{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"g","logStream":"s","logEvents":[`)
			times(w, `{"id":"1","timestamp":1,"message":"{}"},`, 40<<20)
		}),
		"bill: a header without end": bill(func(w io.Writer) { _, _ = io.WriteString(w, billHead); times(w, ",a", 300<<20) }),
		"bill: many columns": bill(func(w io.Writer) {
			_, _ = io.WriteString(w, billHead)
			for i := range 80_000 {
				_, _ = io.WriteString(w, ",c"+strconv.Itoa(i))
			}
			_, _ = io.WriteString(w, "\n")
			for i := range 200 {
				_, _ = io.WriteString(w, strconv.Itoa(i)+","+billLine)
				times(w, ",1", 160_000)
				_, _ = io.WriteString(w, "\n")
			}
		}),
		"bill: a quote without end": bill(func(w io.Writer) { _, _ = io.WriteString(w, billHead+"\nx,\""); times(w, "a,\n", 60<<20) }),
		"bill: empty lines":         bill(func(w io.Writer) { _, _ = io.WriteString(w, billHead+"\n"); times(w, "\n", 200<<20) }),
		"bill: a Parquet of large values": func(t *testing.T, dir string) {
			t.Helper()
			writeParquet(t, filepath.Join(dir, "bill.parquet"), 40, strings.Repeat("x", 30<<20))
		},
		"bill: a Parquet of one value": func(t *testing.T, dir string) {
			t.Helper()
			writeParquet(t, filepath.Join(dir, "bill.parquet"), 3_000, strings.Repeat("x", 900<<10))
		},
		"answer: numbers": answer(func(w io.Writer) {
			_, _ = io.WriteString(w, `{"Reservations":[{"Instances":[{"InstanceId":"i-0abcdef0123456789","Ids":[0`)
			times(w, ",0", 60<<20)
			_, _ = io.WriteString(w, `]}]}]}`)
		}),
		"answer: items": answer(func(w io.Writer) {
			_, _ = io.WriteString(w, `{"Reservations":[{"OwnerId":"111122223333","Instances":[{}`)
			times(w, `,{"InstanceId":"i-0abcdef0123456789"}`, 60<<20)
			_, _ = io.WriteString(w, `]}]}`)
		}),
		"answer: as large as it may be": answer(func(w io.Writer) {
			_, _ = io.WriteString(w, `{"Reservations":[{"OwnerId":"111122223333","Instances":[{}`)
			for i := range 450_000 {
				_, _ = fmt.Fprintf(w, `,{"InstanceId":"i-%017x","ImageId":"%s"}`, i, strings.Repeat("a", 90))
			}
			_, _ = io.WriteString(w, `]}]}`)
		}),
		"answer: pages": answer(func(w io.Writer) {
			_, _ = io.WriteString(w, `[{}`)
			times(w, `,{}`, 60<<20)
			_, _ = io.WriteString(w, `]`)
		}),
		"exchange: values": recorded("api.cloudflare.com/client/v4/zones", func(w io.Writer) {
			_, _ = io.WriteString(w, `{\"success\":true,\"result\":[{}`)
			times(w, `,{}`, 28<<20)
			_, _ = io.WriteString(w, `]}`)
		}),
		"exchange: as large as it may be": recorded("api.github.com/orgs/acme/repos", func(w io.Writer) {
			_, _ = io.WriteString(w, `[{}`)
			for i := range 100_000 {
				_, _ = fmt.Fprintf(w, `,{\"id\":%[1]d,\"node_id\":\"R_%[1]d\",\"name\":\"r%[1]d\",\"full_name\":\"acme/r%[1]d\",\"d\":\"%[2]s\"}`, i, strings.Repeat("a", 200))
			}
			_, _ = io.WriteString(w, `]`)
		}),
		"answer: too large": answer(func(w io.Writer) { _, _ = io.WriteString(w, `{"Reservations":[`); times(w, `[],`, 500<<20) }),
	}
}

// writeParquet writes a bill with rows that each hold a value.
func writeParquet(t *testing.T, path string, rows int, value string) {
	t.Helper()
	type line struct {
		ID       string `parquet:"identity_line_item_id,zstd"`
		Payer    string `parquet:"bill_payer_account_id,dict"`
		Start    string `parquet:"bill_billing_period_start_date,dict"`
		End      string `parquet:"bill_billing_period_end_date,dict"`
		From     string `parquet:"line_item_usage_start_date,dict"`
		Account  string `parquet:"line_item_usage_account_id,dict"`
		Currency string `parquet:"line_item_currency_code,dict"`
		Cost     string `parquet:"line_item_unblended_cost,dict"`
		Value    string `parquet:"value,dict,zstd"`
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := parquet.NewGenericWriter[line](f, parquet.MaxRowsPerRowGroup(1_000_000))
	for i := range rows {
		if _, err := w.Write([]line{{
			ID: strconv.Itoa(i), Payer: "000011112222", Start: "2026-03-01T00:00:00Z", End: "2026-04-01T00:00:00Z", From: "2026-03-01T00:00:00Z",
			Account: "000011113333", Currency: "USD", Cost: "1", Value: value,
		}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// peak runs a command and returns the most memory that its own process took, in bytes.
func peak(t *testing.T, args ...string) (held int64, output string, err error) {
	t.Helper()
	var out bytes.Buffer
	cmd := command(t.Context(), t, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		text, readErr := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
		if _, after, found := strings.Cut(string(text), "VmHWM:"); readErr == nil && found {
			kilobytes, convErr := strconv.ParseInt(strings.Fields(after)[0], 10, 64)
			if convErr != nil {
				t.Fatal(convErr)
			}
			held = max(held, kilobytes<<10)
		}
		select {
		case err := <-done:
			return held, out.String(), err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestHostileInputIsBounded: whatever is in the files, `polo ingest` and the next command on the same data stay within
// --memory. It ends, and says what it left out.
func TestHostileInputIsBounded(t *testing.T) {
	for name, write := range hostile() {
		t.Run(name, func(t *testing.T) {
			dir, data := t.TempDir(), t.TempDir()
			write(t, dir)
			began := time.Now()
			held, out, err := peak(t, "ingest", "--data", data, "--input", dir)
			t.Logf("%d MiB, %s, %v\n%s", held>>20, time.Since(began).Round(time.Millisecond), err, out[:min(len(out), 1500)])
			if held > mostMemory {
				t.Errorf("it takes %d MiB", held>>20)
			}
			if held, _, _ := peak(t, "sql", "--data", data, "SELECT count() FROM resource_events"); held > mostMemory/3 {
				t.Errorf("and then `polo sql` %d MiB", held>>20)
			}
		})
	}
}
