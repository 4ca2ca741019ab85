package telemetry_test

import (
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"polo/internal/telemetry"
)

const (
	one   = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
	same  = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad9;Sampled=1"
	other = "Root=1-5759e988-bd862e3fe1be46a994272794;Parent=53995c3f42cd8ad8;Sampled=1"
)

func TestSpans(t *testing.T) {
	if h := telemetry.TraceHeader(t.Context()); h != "" {
		t.Errorf("without a span the header is %q", h)
	}
	recorder := tracetest.NewSpanRecorder()
	before := otel.GetTracerProvider()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)))
	defer otel.SetTracerProvider(before)
	for name, c := range map[string]struct {
		headers []string
		within  bool
		links   int
		err     error
	}{
		"of one trace":     {headers: []string{one, same, one}, within: true, links: 2},
		"of several":       {headers: []string{one, other}, links: 2},
		"of none":          {},
		"of no header":     {headers: []string{"", "Root=?", "nonsense"}},
		"that went wrong":  {headers: []string{one}, within: true, links: 1, err: errors.New("no")},
		"with a half each": {headers: []string{"Root=1-5759e988-bd862e3fe1be46a994272793"}},
	} {
		recorder.Reset()
		ctx, end := telemetry.Span(t.Context(), name, c.headers)
		header := telemetry.TraceHeader(ctx)
		end(c.err)
		spans := recorder.Ended()
		if len(spans) != 1 {
			t.Fatalf("%s: %d spans", name, len(spans))
		}
		s := spans[0]
		if within := s.SpanContext().TraceID().String() == "5759e988bd862e3fe1be46a994272793"; within != c.within || len(s.Links()) != c.links || (s.Status().Code == codes.Error) != (c.err != nil) {
			t.Errorf("a span %s: trace %s, %d links, %v", name, s.SpanContext().TraceID(), len(s.Links()), s.Status())
		}
		id := s.SpanContext().TraceID().String()
		if !strings.HasPrefix(header, "Root=1-"+id[:8]+"-"+id[8:]+";Parent="+s.SpanContext().SpanID().String()) {
			t.Errorf("its header is %q", header)
		}
	}
}
