package cloudtrail_test

import (
	"bytes"
	"context"
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
