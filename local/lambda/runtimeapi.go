package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sort"
	"strconv"

	"github.com/google/uuid"
)

// handler serves the Lambda Runtime API of one environment, and the part of the Extensions
// API with which a runtime asks to get SIGTERM.
func (p *process) handler() http.Handler {
	mux := http.NewServeMux()
	const api = "/2018-06-01/runtime"
	mux.HandleFunc("GET "+api+"/invocation/next", p.handleNext)
	mux.HandleFunc("POST "+api+"/invocation/{id}/response", p.handleAnswer)
	mux.HandleFunc("POST "+api+"/invocation/{id}/error", p.handleError)
	mux.HandleFunc("POST "+api+"/init/error", p.handleInitError)
	mux.HandleFunc("POST /2020-01-01/extension/register", p.handleRegister)
	mux.HandleFunc("GET /2020-01-01/extension/event/next", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	return mux
}

// variables returns the environment's variables, as AWS sets them, and the function's own.
func (e *environment) variables(api string) []string {
	o := &e.f.opts
	all := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          api,
		"AWS_LAMBDA_FUNCTION_NAME":        o.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.FormatInt(o.Memory>>20, 10),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + o.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      strconv.Itoa(e.id),
		"AWS_REGION":                      o.Region,
		"AWS_DEFAULT_REGION":              o.Region,
		"LAMBDA_TASK_ROOT":                e.dir,
		"_HANDLER":                        "bootstrap",
		"TMPDIR":                          e.dir,
		"TZ":                              ":UTC",
		"LANG":                            "en_US.UTF-8",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin",
	}
	for k, v := range o.Env {
		all[k] = v
	}
	out := make([]string, 0, len(all))
	for k, v := range all {
		out = append(out, k+"="+v)
	}
	sort.Strings(out)
	return out
}

func (p *process) handleNext(w http.ResponseWriter, r *http.Request) {
	select {
	case p.asked <- struct{}{}:
	default:
	}
	select {
	case inv := <-p.next:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", p.e.f.ARN())
		if inv.trace != "" {
			h.Set("Lambda-Runtime-Trace-Id", inv.trace)
		}
		_, _ = w.Write(inv.payload) // if the runtime is gone, exited says so
	case <-r.Context().Done():
	}
}

// take returns the invocation of a request. If its id is unknown, take answers the request
// and returns nil.
func (p *process) take(w http.ResponseWriter, r *http.Request) *invocation {
	p.mu.Lock()
	defer p.mu.Unlock()
	inv := p.current
	if inv == nil || inv.id != r.PathValue("id") {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "no invocation "+r.PathValue("id")+" is under way")
		return nil
	}
	p.current = nil
	return inv
}

func (p *process) handleAnswer(w http.ResponseWriter, r *http.Request) {
	inv := p.take(w, r)
	if inv == nil {
		return
	}
	defer close(inv.answered)
	var err error
	inv.answer, err = io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	switch {
	case err != nil:
		inv.err = &Error{Type: ErrorExit, Message: "reading the answer: " + err.Error()}
	case len(inv.answer) > maxPayload:
		inv.err = &Error{Type: ErrorTooLarge, Message: fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload)}
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", inv.err.Message)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (p *process) handleError(w http.ResponseWriter, r *http.Request) {
	inv := p.take(w, r)
	if inv == nil {
		return
	}
	defer close(inv.answered)
	inv.err = errorOf(r)
	w.WriteHeader(http.StatusAccepted)
}

func (p *process) handleInitError(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.initErr == nil {
		p.initErr = errorOf(r)
		close(p.failed)
	}
	w.WriteHeader(http.StatusAccepted)
}

// errorOf parses a runtime's error report.
func errorOf(r *http.Request) *Error {
	var e Error
	text, err := io.ReadAll(io.LimitReader(r.Body, maxPayload))
	if err = errors.Join(err, json.Unmarshal(text, &e)); err != nil || e.Type == "" {
		e.Type = r.Header.Get("Lambda-Runtime-Function-Error-Type")
	}
	if e.Type == "" {
		e.Type = "Runtime.UnknownReason"
	}
	if err != nil {
		e.Message = "an error that cannot be read: " + err.Error()
	}
	return &e
}

func (p *process) handleRegister(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Lambda-Extension-Name") == "" {
		refuse(w, http.StatusBadRequest, "Extension.InvalidExtensionName", "no Lambda-Extension-Name")
		return
	}
	w.Header().Set("Lambda-Extension-Identifier", uuid.NewString())
	write(w, http.StatusOK, map[string]string{"functionName": p.e.f.opts.Name, "functionVersion": "$LATEST", "handler": "bootstrap"})
}

func refuse(w http.ResponseWriter, status int, errorType, message string) {
	write(w, status, map[string]string{"errorType": errorType, "errorMessage": message})
}

func write(w http.ResponseWriter, status int, body map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may have disconnected
}
