package conformance_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"polo/local/sqsserver"
	"polo/local/sqsserver/conformance"
)

func newClient(endpoint string, client aws.HTTPClient) *awssqs.Client {
	return awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: client, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

// hideWriteTo keeps the transport from using the request body's WriteTo after the SDK has closed it, which a fast
// local server provokes.
type hideWriteTo struct{ next http.RoundTripper }

func (h hideWriteTo) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r = r.Clone(r.Context())
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return h.next.RoundTrip(r)
}

func overHTTP(t *testing.T) *http.Client {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: hideWriteTo{transport}}
}

func newServer(t *testing.T, o sqsserver.Options) *sqsserver.Server {
	t.Helper()
	server, err := sqsserver.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func TestInProcess(t *testing.T) {
	t.Parallel()
	server := newServer(t, sqsserver.Options{})
	conformance.Suite(t, func(*testing.T) *awssqs.Client { return newClient("http://sqs.local", server.Client()) })
}

func TestHTTPWithStore(t *testing.T) {
	t.Parallel()
	server := newServer(t, sqsserver.Options{Dir: t.TempDir()})
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	conformance.Suite(t, func(t *testing.T) *awssqs.Client { return newClient(listener.URL, overHTTP(t)) })
}

func TestMoto(t *testing.T) {
	t.Parallel()
	endpoint := startMoto(t)
	conformance.Suite(t, func(t *testing.T) *awssqs.Client { return newClient(endpoint, overHTTP(t)) }, motoDeviations()...)
}

// startMoto runs moto_server and returns its endpoint.
func startMoto(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("moto_server")
	if err != nil {
		if os.Getenv("POLO_REQUIRE_MOTO") == "1" {
			t.Fatal("POLO_REQUIRE_MOTO is set, and moto_server is not on the PATH")
		}
		t.Skip("moto_server is not on the PATH: the suite does not run on it")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(free.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(path, "-H", "127.0.0.1", "-p", port)
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have exited already
		if err := <-exited; err == nil {
			t.Error("moto_server exited")
		}
	})
	endpoint := "http://127.0.0.1:" + port
	for range 600 {
		select {
		case err := <-exited:
			exited <- err
			t.Fatalf("moto_server ended: %v\n%s", err, log.String())
		case <-time.After(100 * time.Millisecond):
		}
		if r, err := http.Get(endpoint + "/moto-api/"); err == nil {
			if err := r.Body.Close(); err != nil {
				t.Fatal(err)
			}
			return endpoint
		}
	}
	t.Fatal("moto_server does not answer within a minute")
	return ""
}
