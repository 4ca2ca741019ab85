package actions

import (
	"context"

	"polo/actions/action"
)

// Cloud opens sessions in accounts.
type Cloud interface {
	// Reader returns clients that can only look.
	Reader(ctx context.Context, account, region string) (action.Reader, error)
	// Writer returns clients of a session that can make one call on one resource.
	Writer(ctx context.Context, s Session) (action.Writer, error)
}

// Session is the session of one call.
type Session struct {
	Account, Region string
	// Name is the session's name, by which CloudTrail's event is found: the request's id.
	Name string
	// Person is the source identity.
	Person string
	// Plan and Action are session tags.
	Plan, Action string
	// Policy cuts the role's permissions down to the call.
	Policy string
}
