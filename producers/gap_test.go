package producers_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"polo/internal/httpsource"
	"polo/producers"
)

// answered is the error of an HTTP response, as the AWS SDK and others return it.
type answered struct{ status int }

func (a answered) Error() string       { return fmt.Sprint("status ", a.status) }
func (a answered) HTTPStatusCode() int { return a.status }

func TestGapReasons(t *testing.T) {
	t.Parallel()
	code := func(c string) error { return fmt.Errorf("describing: %w", &smithy.GenericAPIError{Code: c}) }
	for _, tc := range []struct {
		name string
		err  error
		want producers.GapReason
	}{
		{"IAM", code("AccessDenied"), producers.GapDenied},
		{"JSON services", code("AccessDeniedException"), producers.GapDenied},
		{"EC2", code("UnauthorizedOperation"), producers.GapDenied},
		{"expired", code("ExpiredTokenException"), producers.GapDenied},
		{"region not enabled", code("OptInRequired"), producers.GapDisabled},
		{"no organisation", code("AWSOrganizationsNotInUseException"), producers.GapDisabled},
		{"EC2's throttle", code("RequestLimitExceeded"), producers.GapThrottled},
		{"throttle", code("Throttling"), producers.GapThrottled},
		{"JSON services' throttle", code("ThrottlingException"), producers.GapThrottled},
		{"S3's throttle", code("SlowDown"), producers.GapThrottled},
		{"down", code("ServiceUnavailable"), producers.GapUnreachable},
		{"another code", code("ValidationException"), producers.GapFailed},
		{"a code of a gateway's answer", errors.Join(code("UnknownError"), answered{http.StatusServiceUnavailable}), producers.GapUnreachable},
		{"429", answered{http.StatusTooManyRequests}, producers.GapThrottled},
		{"403", answered{http.StatusForbidden}, producers.GapDenied},
		{"502", answered{http.StatusBadGateway}, producers.GapUnreachable},
		{"404", answered{http.StatusNotFound}, producers.GapFailed},
		{"no connection", &net.OpError{Op: "dial", Err: errors.New("connection refused")}, producers.GapUnreachable},
		{"a region that hangs", hanging(t), producers.GapUnreachable},
		{"budget", fmt.Errorf("asking for costs: %w", producers.ErrBudget), producers.GapBudget},
		{"answer", fmt.Errorf("page 2: %w", producers.ErrInvalidAnswer), producers.GapInvalid},
		{"GitHub's limit, a 403", fmt.Errorf("listing: %w", &httpsource.Error{Status: http.StatusForbidden, Reason: httpsource.Throttled}), producers.GapThrottled},
		{"an API that states nothing", &httpsource.Error{Status: http.StatusNotFound}, producers.GapFailed},
		{"anything", errors.New("anything"), producers.GapFailed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s, err := run(t, in(func(context.Context, *producers.Scan) error { return tc.err }), &recorder{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Gaps) != 1 || s.Gaps[0].Reason != tc.want || s.Gaps[0].Error != tc.err.Error() {
				t.Errorf("gaps %+v, want %s", s.Gaps, tc.want)
			}
		})
	}
}

// hanging returns the error of an HTTP client's own timeout. To errors.Is it is the
// same as the run's deadline.
func hanging(t *testing.T) error {
	t.Helper()
	end := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-end }))
	defer web.Close()
	defer close(end)
	_, err := (&http.Client{Timeout: 20 * time.Millisecond}).Get(web.URL) //nolint:bodyclose // there is none
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the time-out is %v", err)
	}
	return err
}
