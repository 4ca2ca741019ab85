package recorded

import (
	"context"
	"encoding/json"
	"errors"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/queue"
	"polo/producers"
	"polo/producers/organizations"
	"polo/producers/recording"
)

// isAccounts reports whether the responses of a call list an organisation's accounts.
func isAccounts(service, call string) bool {
	return service == "organizations" && call == "ListAccounts"
}

// accounts emits the accounts of a response. Their units and tags are in other calls' responses.
func (c *collection) accounts(ctx context.Context, a answer) error {
	var listing struct {
		Accounts []struct{ ID, ARN, Email, Name, Status string }
	}
	_, text, err := recording.Unwrap(a.data)
	if err == nil && json.Unmarshal(text, &listing) != nil {
		err = recording.Malformed("Accounts is no list of accounts")
	}
	var refused *recording.Error
	switch {
	case errors.As(err, &refused):
		return c.refused(ctx, a, refused.Code, refused.Reason, err)
	case err != nil:
		return c.refused(ctx, a, "", queue.ReasonMalformedRecord, err)
	}
	var events []envelope.ResourceEvent
	for _, found := range listing.Accounts {
		e := organizations.Described(a.at, account.Account{ID: found.ID, ARN: found.ARN, Email: found.Email, Name: found.Name, Status: found.Status})
		e.Platform, e.ObservedAt = producers.PlatformOf(e.Source), a.observed
		events = append(events, e)
	}
	c.sum.Items += len(events)
	return c.emit(ctx, a, events...)
}
