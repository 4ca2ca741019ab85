// Package lambdamain is what the mains of all Lambda functions have in common: their log,
// their metrics, their bound of memory and their end.
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

// Function is one Lambda function.
type Function struct {
	// Handler is what lambda.Start takes.
	Handler any
	// Stop, if set, is called when the environment is shut down.
	Stop func() error
}

// Run starts a function and serves it until its environment is shut down. One that cannot
// start says why, and exits.
func Run(start func(ctx context.Context, log *slog.Logger, m *telemetry.Metrics) (Function, error)) {
	ctx := context.Background()
	log := Logger(os.Stdout)
	limitMemory(os.Getenv)
	metrics := telemetry.NewMetrics(os.Stdout, time.Now, telemetry.Dimension{Name: "Env", Value: os.Getenv("POLO_ENV")})
	f, err := start(ctx, log, metrics)
	if err != nil {
		log.ErrorContext(ctx, "the function cannot start", slog.String("error", err.Error()))
		os.Exit(1)
	}
	spans, err := startTracing(ctx, os.Getenv, os.Getenv("AWS_LAMBDA_FUNCTION_NAME"))
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
			log.ErrorContext(ctx, "ending the function", slog.String("error", err.Error()))
			return
		}
		log.InfoContext(ctx, "the function is ended")
	}))
}

// traced sends what an invocation's spans tell before its environment is frozen.
type traced struct {
	lambda.Handler
	spans *tracing
	log   *slog.Logger
}

// flushTime bounds how long an answer waits for its spans to be sent.
const flushTime = time.Second

// closeTime bounds how long an environment's end waits for the last of them: half a second
// is all that Lambda gives.
const closeTime = 300 * time.Millisecond

// Invoke implements lambda.Handler.
func (t *traced) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	answer, err := t.Handler.Invoke(ctx, payload)
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
	defer cancel()
	if problem := t.spans.flush(within); problem != nil {
		t.log.WarnContext(ctx, "spans are not sent", slog.String("error", problem.Error()))
	}
	return answer, err
}

// Logger writes JSON, with the id of the request that a context is of.
func Logger(w io.Writer) *slog.Logger {
	return slog.New(requests{redact.NewHandler(slog.NewJSONHandler(w, nil))})
}

type requests struct{ slog.Handler }

// Handle adds the request's id.
func (h requests) Handle(ctx context.Context, r slog.Record) error {
	if c, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("request_id", c.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs and WithGroup keep the id where it is.
func (h requests) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requests{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h requests) WithGroup(name string) slog.Handler { return requests{h.Handler.WithGroup(name)} }

// limitMemory lets the collector of garbage work harder before Lambda kills the function for
// the memory it holds. GOMEMLIMIT goes before it.
func limitMemory(getenv func(string) string) {
	mb, err := strconv.ParseInt(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 10, 64)
	if err != nil || mb <= 0 || getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetMemoryLimit(mb << 20 * memoryPercent / 100)
}

// memoryPercent is what of a function's memory the Go runtime may take.
const memoryPercent = 80
