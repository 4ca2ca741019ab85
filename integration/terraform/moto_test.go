package terraform_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"polo/internal/queue/queuetest"
)

// startAWS starts moto behind a proxy that adds what it lacks of SQS.
func startAWS(t *testing.T) string {
	t.Helper()
	need(t, "moto_server")
	to, err := url.Parse(queuetest.StartMoto(t))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	// Keep the Host: queue URLs are made from it.
	p := &policies{kept: map[string]map[string]string{}, next: proxy}
	proxy.ModifyResponse = p.answer
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return server.URL
}

// policies stores queue policies as SQS does. moto does not know RedriveAllowPolicy,
// drops a queue's Policy when any other attribute is set, returns policies only with
// All, and rewrites a RedrivePolicy; the provider waits until it reads what it wrote.
type policies struct {
	next http.Handler

	mu   sync.Mutex
	kept map[string]map[string]string // by queue URL and attribute
}

// Headers by which a request for attributes tells the response handler what it was
// about.
const queueHeader, attributesHeader = "X-Queue", "X-Attributes"

type queueRequest struct {
	QueueURL       string `json:"QueueUrl"`
	Attributes     map[string]string
	AttributeNames []string
}

func isPolicy(name string) bool { return strings.HasSuffix(name, "Policy") }

func (p *policies) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation, ofSQS := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
	if !ofSQS {
		p.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var q queueRequest
	if err := json.Unmarshal(body, &q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch operation {
	case "SetQueueAttributes":
		p.set(q)
	case "GetQueueAttributes":
		r.Header.Set(queueHeader, q.QueueURL)
		r.Header[attributesHeader] = q.AttributeNames
		body = []byte(`{"QueueUrl":` + strconv.Quote(q.QueueURL) + `,"AttributeNames":["All"]}`)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	p.next.ServeHTTP(w, r)
}

func (p *policies) set(q queueRequest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, value := range q.Attributes {
		if !isPolicy(name) {
			continue
		}
		if p.kept[q.QueueURL] == nil {
			p.kept[q.QueueURL] = map[string]string{}
		}
		p.kept[q.QueueURL][name] = value
		if value == "" {
			delete(p.kept[q.QueueURL], name)
		}
	}
}

// answer adds the policies to the attributes in moto's response.
func (p *policies) answer(r *http.Response) error {
	if r.Request.Header.Get("X-Amz-Target") != "AmazonSQS.GetQueueAttributes" || r.StatusCode != http.StatusOK {
		return nil
	}
	out := struct{ Attributes map[string]string }{map[string]string{}}
	if err := json.NewDecoder(r.Body).Decode(&out); err != nil {
		return err
	}
	p.mu.Lock()
	maps.DeleteFunc(out.Attributes, func(name, _ string) bool { return isPolicy(name) })
	maps.Copy(out.Attributes, p.kept[r.Request.Header.Get(queueHeader)])
	p.mu.Unlock()
	if names := r.Request.Header[attributesHeader]; !slices.Contains(names, "All") {
		maps.DeleteFunc(out.Attributes, func(name, _ string) bool { return !slices.Contains(names, name) })
	}
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	if err := r.Body.Close(); err != nil {
		return err
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Del("Content-Length")
	return nil
}
