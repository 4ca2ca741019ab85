package awsaccounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"polo/envelope"
)

// Sessions builds SDK configurations for accounts and regions. Safe for concurrent use.
type Sessions struct {
	cfg  Config
	http aws.HTTPClient

	mu      sync.Mutex
	assumed map[assumedKey]*aws.CredentialsCache
}

type assumedKey struct{ accountID, partition string }

// NewSessions validates c and makes no request.
func NewSessions(c Config) (*Sessions, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Session == "" {
		c.Session = "polo"
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("reaching AWS: %w", err)
	}
	return &Sessions{
		cfg:     c,
		http:    newEndpoints(newHTTPClient(c.Timeouts.withDefaults()), c.Now),
		assumed: map[assumedKey]*aws.CredentialsCache{},
	}, nil
}

// Config returns the configuration for one account and region, with credentials. It
// assumes the account's role unless that was done before; an error is STS's, with its
// code. Clients made from one configuration share retries and throttling; different
// configurations share only connections. All count in the context's meter. An empty
// region, for services without regions, means the home region.
func (s *Sessions) Config(ctx context.Context, accountID, region string) (aws.Config, error) {
	if accountID == "" {
		return aws.Config{}, errors.New("reaching AWS: no account id")
	}
	if region == "" {
		region = s.cfg.Base.Region
	}
	cfg := s.Own(region)
	if accountID == s.cfg.OwnAccount {
		return cfg, nil
	}
	if s.cfg.Role == "" {
		return aws.Config{}, fmt.Errorf("reaching account %s: no role to assume there", accountID)
	}
	cache := s.credentials(accountID, region)
	if _, err := cache.Retrieve(ctx); err != nil {
		return aws.Config{}, err
	}
	cfg.Credentials = cache
	return cfg, nil
}

// Own returns a configuration with the caller's own credentials.
func (s *Sessions) Own(region string) aws.Config {
	cfg := s.cfg.Base.Copy()
	if region != "" {
		cfg.Region = region
	}
	cfg.HTTPClient = s.http
	// All clients share the retryer; a retryer for each client would never learn that the
	// account is throttled.
	retryer := newRetryer()
	cfg.Retryer = func() aws.Retryer { return retryer }
	cfg.RetryMaxAttempts, cfg.RetryMode = 0, "" // they would take precedence over the retryer
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), func(stack *middleware.Stack) error { return countTries(stack) })
	if s.cfg.Endpoint != "" {
		cfg.BaseEndpoint = &s.cfg.Endpoint
	}
	return cfg
}

// credentials returns the credentials of an account's role, cached for all its regions.
func (s *Sessions) credentials(accountID, region string) *aws.CredentialsCache {
	key := assumedKey{accountID, envelope.PartitionOf(region)}
	s.mu.Lock()
	defer s.mu.Unlock()
	cache := s.assumed[key]
	if cache == nil {
		// STS answers in every region; the home region's depends on no other region.
		// Another partition knows only its own regions.
		home := s.cfg.Base.Region
		if envelope.PartitionOf(home) != key.partition {
			home = region
		}
		cache = assume(sts.NewFromConfig(s.Own(home)), roleARN(s.cfg.Role, accountID, region), s.cfg)
		s.assumed[key] = cache
	}
	return cache
}
