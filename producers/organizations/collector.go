// Package organizations collects accounts: those of an AWS Organization with their
// units, tags and status, or those of a configured list.
package organizations

import (
	"context"
	"strings"
	"time"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/awsaccounts"
	"polo/producers"
	"polo/producers/awscatalog"
)

// Source names the events.
const Source = "aws.organizations"

// TypeAccount is the resource type of an account.
const TypeAccount = "organizations:account"

// Collector emits one account.described event for each account, suspended ones
// included, and one completion. It has one scope: the management account or, for a
// list, the account listed first.
type Collector struct {
	// List lists the accounts.
	List func(context.Context) (awsaccounts.Listing, error)
	// Management is the id of the management account; empty if there is none.
	Management string
}

var _ producers.Collector = (*Collector)(nil)

// Source implements producers.Collector.
func (c *Collector) Source() string { return Source }

// Scopes implements producers.Collector.
func (c *Collector) Scopes(accounts []account.Account, _ []string) []producers.Scope {
	of := account.Account{ID: c.Management}
	for _, a := range accounts {
		if of.ID == "" || a.ID == of.ID {
			of = a
			break
		}
	}
	if of.ID == "" {
		return nil
	}
	return []producers.Scope{{Account: of}}
}

// Collect implements producers.Collector.
func (c *Collector) Collect(ctx context.Context, s *producers.Scan) error {
	listing, err := c.List(ctx)
	if err != nil {
		return err
	}
	for _, m := range listing.Missing {
		s.Gap(ctx, m.What, m.Err)
	}
	for _, a := range listing.Accounts {
		if err := s.Emit(ctx, Described(s.At, a)); err != nil {
			return err
		}
	}
	s.Completed(TypeAccount)
	return nil
}

// Described returns the event of one account, as it was listed at a time. Everything in
// the account names the same ARN as an ancestor.
func Described(at time.Time, a account.Account) envelope.ResourceEvent {
	partition := partitionOf(a)
	e := envelope.ResourceEvent{
		EventID:   envelope.NewEventID(Source, at, "account", a.ID),
		EventType: envelope.TypeAccountDescribed, Source: Source, TS: at,
		ARN: awscatalog.AccountARN(partition, a.ID), Platform: envelope.PlatformAWS,
		AccountID: a.ID, AccountRole: a.Role, Service: "organizations",
		ResourceType: TypeAccount, ResourceID: a.ID, ResourceName: a.Name, State: a.Status,
		Tags: envelope.PairsOf(a.Tags),
	}
	for _, arn := range append(a.Units[:len(a.Units):len(a.Units)], a.Organisation) {
		if arn != "" {
			e.Ancestors = append(e.Ancestors, arn)
		}
	}
	for _, p := range []struct{ key, value string }{
		{"email", a.Email}, {"ou_path", strings.Join(a.Path, "/")}, {"organizations_arn", a.ARN},
	} {
		if p.value != "" {
			e.Properties.Set(p.key, p.value)
		}
	}
	return e
}

// partitionOf returns the partition of the account's ARN.
func partitionOf(a account.Account) string {
	if arn, err := envelope.ParseARN(a.ARN); err == nil && arn.Partition != "" {
		return arn.Partition
	}
	return envelope.PartitionOf("")
}
