package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"polo/actions"
	"polo/internal/telemetry"
)

// handler handles invocations: requests of the function URL, and those of the schedule.
type handler struct {
	web     http.Handler
	engine  *actions.Engine
	metrics *telemetry.Metrics
	log     *slog.Logger
}

// errInvocation means that an invocation is neither a request nor a sweep.
var errInvocation = errors.New(`the invocation is neither a request of the function URL nor {"sweep":true}`)

// handle handles one invocation. What comes through the function URL has an HTTP request in it, whatever its body says, so that nobody
// outside can ask for a sweep, which reads and writes the journal alone.
func (h *handler) handle(ctx context.Context, payload json.RawMessage) (any, error) {
	var kind struct {
		Sweep          bool            `json:"sweep"`
		RequestContext json.RawMessage `json:"requestContext"`
	}
	if err := json.Unmarshal(payload, &kind); err != nil {
		return nil, errInvocation
	}
	switch {
	case len(kind.RequestContext) > 0:
		return h.request(ctx, payload)
	case kind.Sweep:
		return h.sweep(ctx)
	}
	return nil, errInvocation
}

// sweep settles and confirms. Its numbers are metrics, on which alarms stand.
func (h *handler) sweep(ctx context.Context) (actions.Swept, error) {
	swept, err := h.engine.Sweep(ctx)
	count := func(name string, n int) telemetry.Metric {
		return telemetry.Metric{Name: name, Unit: telemetry.Count, Value: float64(n)}
	}
	if problem := h.metrics.Put([]telemetry.Metric{
		count("ActionsSettled", swept.Settled), count("ActionsOpen", swept.Open), count("ActionsConfirmed", swept.Confirmed),
		count("ActionsUnconfirmed", swept.Unconfirmed), count("ActionsUnsettled", swept.Failed),
	}); problem != nil {
		h.log.WarnContext(ctx, "metrics were not written", slog.String("error", problem.Error()))
	}
	return swept, err
}

// request answers a request of the function URL.
func (h *handler) request(ctx context.Context, payload json.RawMessage) (events.LambdaFunctionURLResponse, error) {
	r, err := toHTTP(ctx, payload)
	if err != nil {
		return events.LambdaFunctionURLResponse{StatusCode: http.StatusBadRequest, Body: `{"error":{"code":"bad_request","message":"The request cannot be read."}}`}, nil //nolint:nilerr // told to the caller
	}
	w := &response{header: http.Header{}, status: http.StatusOK}
	h.web.ServeHTTP(w, r)
	out := events.LambdaFunctionURLResponse{StatusCode: w.status, Headers: map[string]string{}, Body: w.body.String()}
	for name, values := range w.header {
		out.Headers[name] = strings.Join(values, ", ")
	}
	return out, nil
}

// toHTTP returns the request that a function URL's event is.
func toHTTP(ctx context.Context, payload json.RawMessage) (*http.Request, error) {
	var in events.LambdaFunctionURLRequest
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, fmt.Errorf("reading the event: %w", err)
	}
	body := []byte(in.Body)
	if in.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(in.Body); err != nil {
			return nil, fmt.Errorf("reading the body: %w", err)
		}
	}
	target := in.RawPath
	if in.RawQueryString != "" {
		target += "?" + in.RawQueryString
	}
	r, err := http.NewRequestWithContext(ctx, in.RequestContext.HTTP.Method, target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	for name, value := range in.Headers {
		r.Header.Set(name, value)
	}
	return r, nil
}

// response is an answer in memory.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (r *response) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter.
func (r *response) WriteHeader(status int) { r.status = status }

// Write implements http.ResponseWriter.
func (r *response) Write(b []byte) (int, error) { return r.body.Write(b) }
