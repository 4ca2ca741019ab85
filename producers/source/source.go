// Package source describes a source of events, so that it can be registered, scheduled
// and run by hand.
package source

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"polo/envelope"
	"polo/internal/awsaccounts"
	"polo/internal/httpsource"
	"polo/internal/secret"
	"polo/producers"
	"polo/producers/exchange"
)

// Source describes one source of events.
type Source struct {
	// Name is the source of its events, such as "aws.ec2".
	Name string
	// Function is the folder below producers whose lambda/ holds the main of its Lambda
	// function.
	Function string
	// Description is one line for people.
	Description string
	// Period is the default interval between runs. Lookback is how much further back
	// each run reads, for a source of past events: it covers what the source delivers
	// late, and missed runs.
	Period, Lookback time.Duration
	// Global sources have no regions: they are read once for each account, or once in
	// all.
	Global bool
	// New returns its collector for one run.
	New func(Deps) (producers.Collector, error)
	// Records, if set, makes what turns the source's own records into events again: those that its
	// collector could make none of and put into letters (queue.UnitRecord).
	Records func(producers.Identity) Normalise
	// Recorded, if set, reads recorded requests to the source's API and their answers.
	Recorded *exchange.Reader
}

// IsAWS reports whether it reads AWS accounts. A source of another platform has its scopes
// and credentials in settings of its own.
func (s Source) IsAWS() bool { return producers.PlatformOf(s.Name) == envelope.PlatformAWS }

// Normalise makes the events of one record, which was observed at a time. An error says why there
// are none; the record is not kept.
type Normalise func(record []byte, observed time.Time) ([]envelope.ResourceEvent, error)

// Deps are what collectors are made of. Sessions, Listing and Management are of AWS, and
// not set for a source of another platform.
type Deps struct {
	Sessions Sessions
	// Listing lists all accounts, also those that are not read. Each call asks again.
	Listing func(context.Context) (awsaccounts.Listing, error)
	// Management is the id of the organisation's management account, which is also the
	// payer; empty if the accounts come from a list.
	Management string
	// Getenv reads the source's own settings.
	Getenv func(string) string
	// Secret returns the fields of the secret that a setting of the source's own names.
	Secret func(setting string) (secret.Fields, error)
	// Endpoint, if set, replaces the address of the source's API.
	Endpoint string
	// Cache, if set, keeps answers from one run to the next.
	Cache *httpsource.Cache
}

// Sessions builds AWS SDK configurations; see awsaccounts.Sessions.
type Sessions interface {
	Config(ctx context.Context, accountID, region string) (aws.Config, error)
}
