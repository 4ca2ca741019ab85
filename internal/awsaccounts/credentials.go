package awsaccounts

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	// sessionTime is how long assumed credentials last: longer than a run, and the
	// shortest limit that a role can have.
	sessionTime = time.Hour
	// renewBefore is how long before expiry they are renewed, so that no request in
	// progress expires.
	renewBefore = 5 * time.Minute
	// refusalLasts is how long a refused role is not retried. Without it each
	// region and call of the account would try, for the same answer.
	refusalLasts = time.Minute
)

// assumption holds the credentials of one account's role: one AssumeRole for all its
// regions and calls, until it expires.
type assumption struct {
	role string
	from aws.CredentialsProvider
	now  func() time.Time

	mu      sync.Mutex
	refused error
	at      time.Time
}

func assume(client *sts.Client, role string, c Config) *aws.CredentialsCache {
	from := stscreds.NewAssumeRoleProvider(client, role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = c.Session
		o.Duration = sessionTime
		if c.ExternalID != "" {
			o.ExternalID = &c.ExternalID
		}
	})
	return aws.NewCredentialsCache(&assumption{role: role, from: from, now: c.Now}, func(o *aws.CredentialsCacheOptions) {
		o.ExpiryWindow = renewBefore
	})
}

// Retrieve implements aws.CredentialsProvider. The cache above never calls it
// concurrently.
func (a *assumption) Retrieve(ctx context.Context) (aws.Credentials, error) {
	a.mu.Lock()
	refused, at := a.refused, a.at
	a.mu.Unlock()
	if refused != nil && a.now().Sub(at) < refusalLasts {
		return aws.Credentials{}, refused
	}
	got, err := a.from.Retrieve(ctx)
	if err != nil {
		err = fmt.Errorf("assuming %s: %w", a.role, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refused, a.at = nil, a.now()
	if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		a.refused = err
	}
	return got, err
}
