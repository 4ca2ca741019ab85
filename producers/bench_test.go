package producers_test

import (
	"context"
	"testing"

	"polo/internal/queue"
	"polo/producers"
)

// BenchmarkPublish measures publishing, one event per Emit: with packs small enough to
// stay JSON, which leaves out compression, and with full ones.
func BenchmarkPublish(b *testing.B) {
	for _, bench := range []struct {
		name      string
		maxEvents int
	}{{"json", 16}, {"zstd", 500}} {
		b.Run(bench.name, func(b *testing.B) {
			nothing := &discard{}
			p, err := producers.NewPublisher(producers.PublisherConfig{
				Source: source, Queue: nothing, DeadLetter: nothing, MaxEvents: bench.maxEvents,
			})
			if err != nil {
				b.Fatal(err)
			}
			all := events(1000)
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Emit(b.Context(), all[i%len(all)]); err != nil {
					b.Fatal(err)
				}
				i++
			}
			if err := p.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "events/s")
			s := p.Stats()
			b.ReportMetric(float64(s.RawBytes)/float64(s.Published), "raw-B/event")
			b.ReportMetric(float64(s.EncodedBytes)/float64(s.Published), "body-B/event")
			if err := p.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
	b.Run("encode only", func(b *testing.B) {
		all := events(1000)
		var buf []byte
		i := 0
		b.ReportAllocs()
		for b.Loop() {
			e := &all[i%len(all)]
			if err := e.Validate(); err != nil {
				b.Fatal(err)
			}
			buf = e.AppendJSON(buf[:0])
			i++
		}
		b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "events/s")
	})
}

// discard acknowledges everything.
type discard struct{}

func (*discard) Limits() queue.Limits { return awsLimits }

func (*discard) SendBatch(context.Context, []queue.Outgoing) []error { return nil }
