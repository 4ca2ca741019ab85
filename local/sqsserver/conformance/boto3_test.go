package conformance_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"

	"polo/local/sqsserver"
)

// TestBoto3 runs the Python SDK against the server.
func TestBoto3(t *testing.T) {
	t.Parallel()
	const python = "python3"
	if out, err := exec.CommandContext(t.Context(), python, "-c", "import boto3").CombinedOutput(); err != nil {
		if os.Getenv("POLO_REQUIRE_MOTO") == "1" {
			t.Fatalf("POLO_REQUIRE_MOTO is set, and %s has no boto3: %v\n%s", python, err, out)
		}
		t.Skip("no python3 with boto3 here: not testing the server with it")
	}
	listener := httptest.NewServer(newServer(t, sqsserver.Options{}))
	t.Cleanup(listener.Close)
	out, err := exec.CommandContext(t.Context(), python, "testdata/boto3_check.py", listener.URL).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
