package sqsserver

import (
	"bytes"
	"io"
	"net/http"
)

// Client calls a server's handler in process. It fits the AWS SDK's HTTPClient option and works inside a
// testing/synctest bubble. Server.Client returns one.
type Client struct {
	server *Server
}

// Client returns an HTTP client whose every request this server answers, whatever its host.
func (s *Server) Client() *Client { return &Client{server: s} }

// Do answers the request. It ends early with the context's error when the request's context ends; then nothing was
// received.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	inner := r.WithContext(ctx) // a copy, so that the caller's request stays unchanged
	if inner.Host == "" {
		inner.Host = r.URL.Host
	}
	answer := &recorder{header: http.Header{}}
	c.server.ServeHTTP(answer, inner)
	if r.Body != nil {
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	if answer.status == 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return &http.Response{
		Status: http.StatusText(answer.status), StatusCode: answer.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.header, Body: io.NopCloser(bytes.NewReader(answer.body)),
		ContentLength: int64(len(answer.body)), Request: r,
	}, nil
}

// recorder is the http.ResponseWriter that Client reads from.
type recorder struct {
	header http.Header
	status int
	body   []byte
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(b []byte) (int, error) {
	r.body = append(r.body, b...)
	return len(b), nil
}
