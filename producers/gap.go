package producers

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"polo/internal/redact"
)

// Gap is a part of a run that was not read to its end. Nothing in it counts as gone.
type Gap struct {
	AccountID string `json:"account_id"`
	Region    string `json:"region,omitempty"`
	// What is the resource type or the call; empty means the whole scope.
	What   string    `json:"what,omitempty"`
	Reason GapReason `json:"reason"`
	// Code is the source's own error code, Error its text.
	Code  string `json:"code,omitempty"`
	Error string `json:"error"`

	bill *Bill // the delivery that is not whole, if that is the gap
}

// GapReason is why something was not read.
type GapReason string

// Reasons of gaps.
const (
	GapDenied      GapReason = "denied"      // the role may not read it, or may not be assumed
	GapThrottled   GapReason = "throttled"   // the source throttled for too long
	GapUnreachable GapReason = "unreachable" // no answer: the region or the network is down
	GapDisabled    GapReason = "disabled"    // the region or the service is not enabled for the account
	GapDeadline    GapReason = "deadline"    // the run's time was up
	GapBudget      GapReason = "budget"      // paid requests would exceed the budget
	GapInvalid     GapReason = "invalid"     // the source's response does not match its documentation
	GapPartial     GapReason = "partial"     // only a part was available
	GapFailed      GapReason = "failed"      // anything else
)

// ErrBudget means that a paid request was not made because it would exceed the budget.
var ErrBudget = errors.New("the budget of paid requests is used up")

// ErrInvalidAnswer means that a response does not match the source's documentation.
var ErrInvalidAnswer = errors.New("response does not match the source's documentation")

// errDeadline is the cause of the context that ends a little before the run's own.
// Scan.Wait returns it when too little time is left.
var errDeadline = errors.New("the run's time is up")

// gapOf returns the gap that err left. It decides by what the error states itself (GapReason), by codes and types,
// never by text.
func gapOf(ctx context.Context, scope Scope, what string, err error) Gap {
	g := Gap{AccountID: scope.Account.ID, Region: scope.Region, What: what, Reason: GapFailed, Error: redact.Text(err.Error())}
	var coded interface{ ErrorCode() string }
	if errors.As(err, &coded) {
		g.Code = coded.ErrorCode()
	}
	var stated interface{ GapReason() string }
	var network net.Error
	switch {
	case errors.As(err, &stated) && stated.GapReason() != "":
		g.Reason = GapReason(stated.GapReason())
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
	// A network timeout also matches context.DeadlineExceeded. As long as the run has
	// time left, it is the network's.
	case errors.As(err, &network):
		g.Reason = GapUnreachable
	}
	return g
}

// statusOf returns the HTTP status in an error, or 0.
func statusOf(err error) int {
	var answer interface{ HTTPStatusCode() int }
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

// gapOfStatus classifies a response without an error code, such as a gateway's.
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

// GapOfAnswer classifies an error that a service answered with, by its code, else by its status.
func GapOfAnswer(code string, status int) GapReason {
	if reason := gapOfCode(code); reason != GapFailed {
		return reason
	}
	return gapOfStatus(status)
}

// gapOfCode classifies the error codes of AWS's services and others.
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
