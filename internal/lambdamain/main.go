// Package lambdamain is what all Lambda mains share: log, metrics, memory limit and
// shutdown.
package lambdamain

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"polo/internal/environment"
	"polo/internal/redact"
	"polo/internal/telemetry"
)

// Environment is what every function reads of its environment, beside its own settings.
type Environment struct {
	Env            string `env:"POLO_ENV" doc:"the deployment's name: the dimension Env of every metric"`
	Endpoint       string `env:"OTEL_EXPORTER_OTLP_ENDPOINT" unit:"URL" doc:"where spans are sent, by OTLP over HTTP; none are without it. The exporter reads the rest of OpenTelemetry's variables"`
	TracesEndpoint string `env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" unit:"URL" doc:"the same, of spans alone"`
	MemoryLimit    string `env:"GOMEMLIMIT" unit:"as Go reads it" doc:"how much memory the Go runtime takes; 80% of the function's where it is not set"`
	MemoryMB       int64  `env:"AWS_LAMBDA_FUNCTION_MEMORY_SIZE" unit:"MB" doc:"set by Lambda: the function's memory"`
	Name           string `env:"AWS_LAMBDA_FUNCTION_NAME" doc:"set by Lambda: the service that spans are of"`
}

// Function is one Lambda function.
type Function struct {
	// Handler is passed to lambda.Start.
	Handler any
	// Stop, if set, is called when the environment shuts down.
	Stop func() error
}

// Run starts a function and serves it until its environment shuts down. If it cannot start,
// Run logs why and exits.
func Run(start func(ctx context.Context, log *slog.Logger, m *telemetry.Metrics) (Function, error)) {
	ctx := context.Background()
	log := Logger(os.Stdout)
	var e Environment
	err := environment.Read(os.Getenv, &e, nil)
	e.limitMemory()
	metrics := telemetry.NewMetrics(os.Stdout, time.Now, telemetry.Dimension{Name: "Env", Value: e.Env})
	var f Function
	if err == nil {
		f, err = start(ctx, log, metrics)
	}
	if err != nil {
		log.ErrorContext(ctx, "starting the function failed", slog.String("error", err.Error()))
		os.Exit(1)
	}
	spans, err := startTracing(ctx, e)
	if err != nil { // a function works without
		log.WarnContext(ctx, "the function is not traced", slog.String("error", err.Error()))
	}
	handler := f.Handler
	if spans != nil {
		handler = &traced{lambda.NewHandler(f.Handler), spans, log}
	}
	lambda.StartWithOptions(handler, lambda.WithEnableSIGTERM(func() {
		var err error
		if f.Stop != nil {
			err = f.Stop()
		}
		within, cancel := context.WithTimeout(ctx, closeTime)
		defer cancel()
		if err = errors.Join(err, spans.close(within)); err != nil {
			log.ErrorContext(ctx, "stopping the function failed", slog.String("error", err.Error()))
			return
		}
		log.InfoContext(ctx, "the function has stopped")
	}))
}

// traced flushes an invocation's spans before its environment is frozen.
type traced struct {
	lambda.Handler
	spans *tracing
	log   *slog.Logger
}

// flushTime bounds how long an answer waits for its spans to be sent.
const flushTime = time.Second

// closeTime bounds the last flush at shutdown; Lambda allows half a second for all of it.
const closeTime = 300 * time.Millisecond

// Invoke implements lambda.Handler.
func (t *traced) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	answer, err := t.Handler.Invoke(ctx, payload)
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
	defer cancel()
	if problem := t.spans.flush(within); problem != nil {
		t.log.WarnContext(ctx, "spans were not sent", slog.String("error", problem.Error()))
	}
	return answer, err
}

// Logger writes JSON with the request id of the record's context.
func Logger(w io.Writer) *slog.Logger {
	return slog.New(requests{redact.NewHandler(slog.NewJSONHandler(w, nil))})
}

type requests struct{ slog.Handler }

// Handle adds the request id.
func (h requests) Handle(ctx context.Context, r slog.Record) error {
	if c, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("request_id", c.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps the wrapper around the new handler.
func (h requests) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requests{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h requests) WithGroup(name string) slog.Handler { return requests{h.Handler.WithGroup(name)} }

// limitMemory sets GOMEMLIMIT to 80% of the function's memory, where nobody set it: Lambda
// kills a function that holds more than it has.
func (e Environment) limitMemory() {
	if e.MemoryMB > 0 && e.MemoryLimit == "" {
		debug.SetMemoryLimit(e.MemoryMB << 20 * memoryPercent / 100)
	}
}

// memoryPercent is the part of the function's memory that the Go runtime may use.
const memoryPercent = 80
