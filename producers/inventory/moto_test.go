package inventory_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"polo/producers/emittertest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/awstest"
	"polo/producers"
	"polo/producers/inventory"
)

// motoAccount is the account of moto.
const motoAccount = "123456789012"

// sessions points every client to one endpoint.
type sessions struct{ endpoint string }

func (s sessions) Config(_ context.Context, _, region string) (aws.Config, error) {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(s.endpoint), Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer: awstest.Retryer,
	}, nil
}

// moto starts a moto server, or skips the test.
func moto(t *testing.T) sessions {
	t.Helper()
	program, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("moto_server is not installed: the live paths are tried on the test's own server alone")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Log(err)
		}
		_ = cmd.Wait() // it was killed
	})
	s := sessions{endpoint: fmt.Sprintf("http://127.0.0.1:%d", port)}
	for range 600 {
		if r, err := http.Get(s.endpoint + "/moto-api/"); err == nil {
			_ = r.Body.Close() // the body is not used
			return s
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("moto_server does not answer")
	return s
}

// recorder keeps the events that a run emits.
type recorder struct{ emittertest.Recorder }

// resources returns the resource events by ARN.
func (r *recorder) resources() map[string]envelope.ResourceEvent {
	out := map[string]envelope.ResourceEvent{}
	for _, e := range r.Events {
		if e.ARN != "" {
			out[e.ARN] = e
		}
	}
	return out
}

// completed returns the completed types, with their regions.
func (r *recorder) completed() map[string]string {
	out := map[string]string{}
	for _, e := range r.Events {
		if e.EventType == envelope.TypeScanCompleted {
			out[e.ResourceType] = e.Region
		}
	}
	return out
}

func collector(t *testing.T, s inventory.Sessions, source string) *inventory.Collector {
	t.Helper()
	all, err := inventory.Collectors(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Source() == source {
			return c
		}
	}
	t.Fatalf("no collector of %s", source)
	return nil
}

// collect runs one collector on one account and region.
func collect(t *testing.T, s inventory.Sessions, source string) (*recorder, producers.Summary) {
	t.Helper()
	r := &recorder{}
	summary, err := producers.Run(t.Context(), producers.RunConfig{
		Collector: collector(t, s, source), Accounts: []account.Account{{ID: motoAccount, Role: "test"}}, Regions: []string{"eu-west-1"},
		Emitter: r, Identity: producers.DefaultIdentity(), Scheduled: time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Events {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
	}
	return r, summary
}
