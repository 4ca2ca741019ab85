package inventory

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"polo/internal/account"
	"polo/producers"
	"polo/producers/awscatalog"
)

// Sessions returns the SDK's configuration for an account and region: the reading role's
// credentials, retries, and the count of requests. Region is never empty; for global services it
// is their partition's home region.
type Sessions interface {
	Config(ctx context.Context, accountID, region string) (aws.Config, error)
}

// Collector reads one service's inventory. It implements producers.Collector.
type Collector struct {
	service  *service
	sessions Sessions
	// covered are the types that other entries read; the sweep leaves them out.
	covered map[string]bool
	// answers, if set, stand in for the service.
	answers Answers
}

// Collectors returns one collector per service.
func Collectors(sessions Sessions) ([]*Collector, error) {
	services, covered, err := compileAll()
	if err != nil {
		return nil, err
	}
	var out []*Collector
	for _, s := range services {
		out = append(out, &Collector{service: s, sessions: sessions, covered: covered})
	}
	return out, nil
}

// Source returns "aws." and the service's name in ARNs.
func (c *Collector) Source() string { return c.service.source() }

// Types returns the resource types that it can complete.
func (c *Collector) Types() []string { return c.service.types() }

// Scopes returns every account and region; for a global service every account.
func (c *Collector) Scopes(accounts []account.Account, regions []string) []producers.Scope {
	if c.service.Global {
		return producers.EachAccount(accounts)
	}
	return producers.EachRegion(accounts, regions)
}

// Collect reads every type of the scope. An error of a call is a gap of its type, and the other
// types are read.
func (c *Collector) Collect(ctx context.Context, s *producers.Scan) error {
	region := s.Region
	if region == "" {
		region = homeRegion(s.Account)
	}
	var cfg aws.Config
	if c.answers == nil {
		var err error
		if cfg, err = c.sessions.Config(ctx, s.Account.ID, region); err != nil {
			return fmt.Errorf("opening %s in %s: %w", s.Account.ID, region, err)
		}
	}
	r := newReader(c, s, cfg)
	for _, e := range c.service.entries {
		if err := r.entry(ctx, e); err != nil {
			return err
		}
	}
	for _, typ := range c.Types() {
		switch {
		case r.broken[typ]:
		case slices.Contains(c.service.Anywhere, typ):
			s.CompletedAnywhere(typ)
		default:
			s.Completed(typ)
		}
	}
	return nil
}

// homeRegion returns the region in which an account's global services are called.
func homeRegion(a account.Account) string {
	k, _ := awscatalog.KeyOf(a.ARN)
	return awscatalog.HomeRegion(k.Parsed.Partition)
}
