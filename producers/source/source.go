// Package source is what a source tells of itself, so that it can be registered, run
// on a schedule and run by hand.
package source

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"polo/envelope"
	"polo/internal/awsaccounts"
	"polo/producers"
)

// Source is one source of events.
type Source struct {
	// Name is that of its events, such as "aws.ec2".
	Name string
	// Function is the folder below producers that holds the main of its Lambda function,
	// in lambda/.
	Function string
	// Description is one line for people.
	Description string
	// Period is how often it is run, and Lookback how much further back than that each
	// run reads of a source that tells of the past: what it delivers late, and the
	// runs that were missed. Both are the defaults.
	Period, Lookback time.Duration
	// Global sources have no regions: they are read once for each account, or once in
	// all.
	Global bool
	// New makes its collector for one run.
	New func(Deps) (producers.Collector, error)
	// Records, if set, makes what turns the source's own records into events again: those that its
	// collector could make none of and put into letters (queue.UnitRecord).
	Records func(producers.Identity) Normalise
}

// Normalise makes the events of one record, which was observed at a time. An error says why there
// are none; the record is not kept.
type Normalise func(record []byte, observed time.Time) ([]envelope.ResourceEvent, error)

// Deps are what collectors are made of.
type Deps struct {
	Sessions Sessions
	// Listing tells the accounts there are, those that are not read too; asked again
	// at each call.
	Listing func(context.Context) (awsaccounts.Listing, error)
	// Management is the id of the account that the organisation is managed from, which
	// is also the one billed; empty where the accounts are a list.
	Management string
	// Getenv reads the settings that are the source's own.
	Getenv func(string) string
}

// Sessions makes configurations of the AWS SDK; see awsaccounts.Sessions.
type Sessions interface {
	Config(ctx context.Context, accountID, region string) (aws.Config, error)
}
