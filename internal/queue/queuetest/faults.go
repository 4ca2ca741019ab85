package queuetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// FaultInjector is an HTTP client between the SDK and a server that makes calls fail,
// by seed: throttled, answered with a 5xx, lost on the way there or back, and batches
// done only in part. Operations other than batch calls are passed through.
type FaultInjector struct {
	next aws.HTTPClient

	mu     sync.Mutex
	random *rand.Rand
	faults map[string]int
}

// NewFaultInjector returns a FaultInjector in front of next.
func NewFaultInjector(next aws.HTTPClient, seed uint64) *FaultInjector {
	return &FaultInjector{next: next, random: rand.New(rand.NewPCG(seed, 0)), faults: make(map[string]int)}
}

// Faults returns how often each fault was injected, by name.
func (f *FaultInjector) Faults() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make(map[string]int, len(f.faults))
	for name, n := range f.faults {
		all[name] = n
	}
	return all
}

// choose picks the fault of the next call.
func (f *FaultInjector) choose() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	kinds := []string{"throttled", "5xx", "lost request", "lost answer", "partial"}
	if n := f.random.IntN(2 * len(kinds)); n < len(kinds) {
		f.faults[kinds[n]]++
		return kinds[n]
	}
	return ""
}

var errLost = errors.New("connection lost")

// Do implements aws.HTTPClient.
func (f *FaultInjector) Do(r *http.Request) (*http.Response, error) {
	operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
	if !strings.HasSuffix(operation, "Batch") {
		return f.next.Do(r)
	}
	switch f.choose() {
	case "throttled":
		return answer(r, http.StatusBadRequest, `{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slow down"}`), nil
	case "5xx":
		return answer(r, http.StatusServiceUnavailable, `{"__type":"com.amazonaws.sqs#InternalError","message":"sorry"}`), nil
	case "lost request":
		return nil, errLost
	case "lost answer":
		resp, err := f.next.Do(r)
		if err != nil {
			return nil, err
		}
		if _, err = io.Copy(io.Discard, resp.Body); err != nil {
			return nil, err
		}
		return nil, errors.Join(errLost, resp.Body.Close())
	case "partial":
		return f.partial(r)
	}
	return f.next.Do(r)
}

// partial forwards every other entry of a batch and fails the rest.
func (f *FaultInjector) partial(r *http.Request) (*http.Response, error) {
	var in map[string]any
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	entries, ok := in["Entries"].([]any)
	if !ok {
		return nil, errors.New("the request has no entries")
	}
	var pass, failed []any
	for i, e := range entries {
		entry, ok := e.(map[string]any)
		if !ok {
			return nil, errors.New("the request's entry is not an object")
		}
		if i%2 == 1 {
			pass = append(pass, e)
			continue
		}
		failed = append(failed, map[string]any{"Id": entry["Id"], "Code": "InternalError", "SenderFault": false, "Message": "sorry"})
	}
	out := map[string]any{}
	if len(pass) > 0 {
		in["Entries"] = pass
		if err := f.forward(r, in, out); err != nil {
			return nil, err
		}
	}
	more, _ := out["Failed"].([]any) // absent if all succeeded
	out["Failed"] = append(more, failed...)
	body, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("writing the answer: %w", err)
	}
	return answer(r, http.StatusOK, string(body)), nil
}

func (f *FaultInjector) forward(r *http.Request, in, out map[string]any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("writing the request: %w", err)
	}
	part := r.Clone(r.Context())
	part.Body, part.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp, err := f.next.Do(part)
	if err != nil {
		return err
	}
	err = json.NewDecoder(resp.Body).Decode(&out)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return nil
}

func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Request: r, ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
	}
}
