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
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"polo/internal/redact"
	"polo/internal/telemetry"
)

// Function is a started Lambda function.
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
	limitMemory(os.Getenv)
	metrics := telemetry.NewMetrics(os.Stdout, time.Now, telemetry.Dimension{Name: "Env", Value: os.Getenv("POLO_ENV")})
	f, err := start(ctx, log, metrics)
	if err != nil {
		log.ErrorContext(ctx, "starting the function failed", slog.String("error", err.Error()))
		os.Exit(1)
	}
	spans, err := startTracing(ctx, os.Getenv, os.Getenv("AWS_LAMBDA_FUNCTION_NAME"))
	if err != nil { // the function works without tracing
		log.WarnContext(ctx, "tracing is off", slog.String("error", err.Error()))
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

// limitMemory sets GOMEMLIMIT to 80% of the function's memory, so that the garbage collector
// works harder before Lambda kills the function. A GOMEMLIMIT in the environment takes
// precedence.
func limitMemory(getenv func(string) string) {
	mb, err := strconv.ParseInt(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 10, 64)
	if err != nil || mb <= 0 || getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetMemoryLimit(mb << 20 * memoryPercent / 100)
}

// memoryPercent is the part of the function's memory that the Go runtime may use.
const memoryPercent = 80
