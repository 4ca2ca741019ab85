package cloudtrail_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cloudtrail"
)

func BenchmarkNormalise(b *testing.B) {
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	var records [][]byte
	size := 0
	for _, r := range day(800) {
		records = append(records, []byte(r))
		size += len(r)
	}
	now := time.Now()
	b.ReportAllocs()
	b.SetBytes(int64(size / len(records)))
	for i := 0; b.Loop(); i++ {
		if _, err := n.Normalise(records[i%len(records)], now); err != nil {
			b.Fatal(err)
		}
	}
}

type nowhere struct{}

func (nowhere) Emit(context.Context, ...envelope.ResourceEvent) error { return nil }
func (nowhere) Reject(context.Context, queue.Failure) error           { return nil }

func BenchmarkFiles(b *testing.B) {
	var file bytes.Buffer
	const count = 40000
	file.WriteString(`{"Records":[` + strings.Join(day(count), ",") + `]}`)
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.json"), file.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	f := cloudtrail.Files{Input: dir, Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{}), ObservedAt: time.Now()}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		s, err := f.Collect(b.Context(), nowhere{})
		if err != nil || s.Read != count {
			b.Fatal(s.Read, err)
		}
	}
	b.ReportMetric(float64(count)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkSplit(b *testing.B) {
	data := []byte(`{"Records":[` + strings.Join(day(20000), ",") + `]}`)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if n, err := cloudtrail.Split(bytes.NewReader(data)); n != 20000 || err != nil {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkRedact measures the share of redaction in normalising a record. It takes the shortest
// of many runs of both, so that other load on the machine does not count. If POLO_REAL_DATA is
// set, the records are real.
func BenchmarkRedact(b *testing.B) {
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	records := benchRecords(b)
	now := time.Now()
	all, looking := make([]time.Duration, len(records)), make([]time.Duration, len(records))
	texts, callers := make([]string, len(records)), map[string]struct{}{}
	for i, r := range records {
		all[i], looking[i], texts[i] = time.Hour, time.Hour, string(r)
	}
	clock := time.Hour // the cost of reading the time
	for b.Loop() {
		for i, r := range records {
			start := time.Now()
			clock = min(clock, time.Since(start))
			start = time.Now()
			if _, err := n.Normalise(r, now); err != nil {
				b.Fatal(err)
			}
			all[i] = min(all[i], time.Since(start))
			took, err := cloudtrail.LookingTime(texts[i], callers)
			if err != nil {
				b.Fatal(err)
			}
			looking[i] = min(looking[i], took)
		}
	}
	var sum, of float64
	for i := range all {
		sum, of = sum+float64(looking[i]-clock), of+float64(all[i]-clock)
	}
	b.ReportMetric(of/float64(len(all)), "ns/record")
	b.ReportMetric(sum/float64(len(all)), "redact-ns/record")
	b.ReportMetric(100*sum/(of-sum), "redact-%")
}

// benchRecords returns the records of POLO_REAL_DATA's log files, or generated ones.
func benchRecords(b *testing.B) (records [][]byte) {
	dir := os.Getenv("POLO_REAL_DATA")
	if dir == "" {
		for _, r := range day(800) {
			records = append(records, []byte(r))
		}
		return records
	}
	files, err := filepath.Glob(filepath.Join(dir, "cloudtrail", "invictus", "*.json"))
	if err != nil {
		b.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		var log struct{ Records []json.RawMessage }
		if err := json.Unmarshal(data, &log); err != nil {
			b.Fatal(err)
		}
		for _, r := range log.Records {
			records = append(records, r)
		}
	}
	if len(records) == 0 {
		b.Fatal("no records")
	}
	return records
}
