package producers

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"polo/internal/redact"
)

// Gap is a part of a run that was not read to its end: what is there is not known,
// and nothing of it vanishes.
type Gap struct {
	AccountID string `json:"account_id"`
	Region    string `json:"region,omitempty"`
	// What is the resource type or the call; empty: all of the scope.
	What   string    `json:"what,omitempty"`
	Reason GapReason `json:"reason"`
	// Code is the source's own error code, Error its text.
	Code  string `json:"code,omitempty"`
	Error string `json:"error"`

	bill *Bill // whose delivery is not whole, if it is that
}

// GapReason is why something was not read.
type GapReason string

// Reasons of gaps.
const (
	GapDenied      GapReason = "denied"      // the role may not read it, or not be assumed
	GapThrottled   GapReason = "throttled"   // the source refused for too long
	GapUnreachable GapReason = "unreachable" // no answer: the region or the network is down
	GapDisabled    GapReason = "disabled"    // the region or the service is not enabled for the account
	GapDeadline    GapReason = "deadline"    // the run's time was up
	GapBudget      GapReason = "budget"      // paid requests would have passed the budget
	GapInvalid     GapReason = "invalid"     // the source's answer is not what it documents
	GapPartial     GapReason = "partial"     // a part alone was there to be read
	GapFailed      GapReason = "failed"      // anything else
)

// ErrBudget tells that a paid request was not made, because it would have passed the
// budget.
var ErrBudget = errors.New("the budget of paid requests is used up")

// ErrInvalidAnswer tells of an answer that is not what its source documents.
var ErrInvalidAnswer = errors.New("not the answer that the source documents")

// errDeadline is the cause of a context that ends a little before the run's own, and
// what Scan.Wait answers where the time left is too short.
var errDeadline = errors.New("the run's time is up")

// gapOf says why an error left a gap. It goes by codes and types, never by text.
func gapOf(ctx context.Context, scope Scope, what string, err error) Gap {
	g := Gap{AccountID: scope.Account.ID, Region: scope.Region, What: what, Reason: GapFailed, Error: redact.Text(err.Error())}
	var coded interface{ ErrorCode() string }
	if errors.As(err, &coded) {
		g.Code = coded.ErrorCode()
	}
	var network net.Error
	switch {
	case errors.Is(err, ErrBudget):
		g.Reason = GapBudget
	case errors.Is(err, ErrInvalidAnswer):
		g.Reason = GapInvalid
	case g.Code != "" && gapOfCode(g.Code) != GapFailed:
		g.Reason = gapOfCode(g.Code)
	case errors.Is(err, errDeadline), errors.Is(context.Cause(ctx), errDeadline), errors.Is(ctx.Err(), context.DeadlineExceeded):
		g.Reason = GapDeadline
	case statusOf(err) != 0:
		g.Reason = gapOfStatus(statusOf(err))
	// A network's time-out is a context.DeadlineExceeded to errors.Is, too: it is the
	// network's as long as there is time left.
	case errors.As(err, &network):
		g.Reason = GapUnreachable
	}
	return g
}

// statusOf is the HTTP status of an answer that an error tells of, 0 where it tells of
// none.
func statusOf(err error) int {
	var answer interface{ HTTPStatusCode() int }
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

// gapOfStatus reads an answer without a code that says more, such as a gateway's.
func gapOfStatus(status int) GapReason {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return GapDenied
	case status == http.StatusTooManyRequests:
		return GapThrottled
	case status >= http.StatusInternalServerError:
		return GapUnreachable
	}
	return GapFailed
}

// gapOfCode reads the codes by which AWS's services and others say the same.
func gapOfCode(code string) GapReason {
	switch {
	case strings.HasPrefix(code, "AccessDenied"), strings.HasPrefix(code, "UnauthorizedOperation"), strings.HasPrefix(code, "AuthFailure"),
		code == "UnauthorizedAccess", code == "AuthorizationError", code == "AuthorizationErrorException", code == "NotAuthorized", code == "Forbidden",
		code == "AccessForbidden", code == "InvalidClientTokenId", code == "UnrecognizedClientException", code == "ExpiredToken",
		code == "ExpiredTokenException", code == "SignatureDoesNotMatch", code == "NotAuthorizedException", code == "AccountAccessDenied":
		return GapDenied
	case strings.Contains(code, "Throttl"), code == "TooManyRequestsException", code == "RequestLimitExceeded", code == "SlowDown",
		code == "PriorRequestNotComplete", code == "LimitExceededException", code == "EC2ThrottledException", code == "BandwidthLimitExceeded":
		return GapThrottled
	case code == "OptInRequired", code == "SubscriptionRequiredException", code == "UnsupportedOperation", code == "RegionDisabledException",
		code == "AWSOrganizationsNotInUseException", code == "UnsupportedOperationException":
		return GapDisabled
	case strings.HasPrefix(code, "ServiceUnavailable"), code == "InternalError", code == "InternalFailure", code == "InternalServerError",
		code == "Unavailable", code == "RequestTimeout", code == "InternalServiceException":
		return GapUnreachable
	}
	return GapFailed
}
