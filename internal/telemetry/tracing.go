package telemetry

import (
	"context"

	"go.opentelemetry.io/contrib/propagators/aws/xray"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

func tracer() trace.Tracer { return otel.Tracer("polo") }

// Span starts a span; end ends it. headers are the X-Ray trace headers of the messages
// that the span is about. If ctx has a span, or all headers are of one trace, the new
// span joins that trace; otherwise it is linked to each.
func Span(ctx context.Context, name string, headers []string, attributes ...attribute.KeyValue) (_ context.Context, end func(error)) {
	var links []trace.Link
	type span struct {
		trace trace.TraceID
		id    trace.SpanID
	}
	seen := map[span]bool{}
	traces := map[trace.TraceID]bool{}
	for _, h := range headers {
		c := parse(h)
		s := span{c.TraceID(), c.SpanID()}
		if c.IsValid() && !seen[s] {
			seen[s], traces[s.trace] = true, true
			links = append(links, trace.Link{SpanContext: c})
		}
	}
	if len(traces) == 1 {
		ctx = trace.ContextWithRemoteSpanContext(ctx, links[0].SpanContext)
	}
	ctx, begun := tracer().Start(ctx, name, trace.WithLinks(links...), trace.WithAttributes(attributes...))
	return ctx, func(err error) {
		if err != nil {
			begun.RecordError(err)
			begun.SetStatus(codes.Error, "")
		}
		begun.End()
	}
}

// traceHeader is the HTTP header that carries X-Ray's trace.
const traceHeader = "X-Amzn-Trace-Id"

func parse(header string) trace.SpanContext {
	if header == "" {
		return trace.SpanContext{}
	}
	ctx := xray.Propagator{}.Extract(context.Background(), propagation.MapCarrier{traceHeader: header})
	return trace.SpanContextFromContext(ctx)
}

// TraceHeader returns the X-Ray trace header of ctx's span, or "".
func TraceHeader(ctx context.Context) string {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return ""
	}
	carrier := propagation.MapCarrier{}
	xray.Propagator{}.Inject(ctx, carrier)
	return carrier[traceHeader]
}
