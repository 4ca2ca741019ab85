package lambdamain

import (
	"context"
	"fmt"

	"go.opentelemetry.io/contrib/propagators/aws/xray"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// tracing sends spans by OTLP over HTTP.
type tracing struct{ provider *sdktrace.TracerProvider }

// startTracing sends spans from now on where OTEL_EXPORTER_OTLP_ENDPOINT or
// OTEL_EXPORTER_OTLP_TRACES_ENDPOINT says to; otherwise it returns nil, of which every method
// does nothing. The exporter and the sampler read the rest of OpenTelemetry's variables
// themselves.
func startTracing(ctx context.Context, e Environment) (*tracing, error) {
	if e.Endpoint == "" && e.TracesEndpoint == "" {
		return nil, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting to trace: %w", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", e.Name)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("starting to trace: %w", err)
	}
	t := &tracing{sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter), sdktrace.WithResource(about), sdktrace.WithIDGenerator(xray.NewIDGenerator()),
	)}
	otel.SetTracerProvider(t.provider)
	return t, nil
}

// flush sends the finished spans: a frozen process sends nothing.
func (t *tracing) flush(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.ForceFlush(ctx)
}

// close sends the remaining spans.
func (t *tracing) close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}
