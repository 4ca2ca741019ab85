package producers

import (
	"context"

	"polo/internal/account"
)

// Collector reads one source. A new source is one implementation and one line of
// registration.
//
// It is stateless: what a run covers is in its Scan. Safe for concurrent use: several
// scopes are read at once.
type Collector interface {
	// Source names the source of its events, such as "aws.ec2".
	Source() string
	// Scopes splits the run's accounts and regions into the parts that are read
	// separately. A source without regions returns one scope for each account; one that
	// only a payer can read returns a single scope.
	Scopes(accounts []account.Account, regions []string) []Scope
	// Collect reads one scope. It emits what it finds, and reports what it read to the
	// end (Scan.Completed) and what it could not read (Scan.Gap), after which it
	// continues. An error ends the scope and becomes a gap of the whole scope; other
	// scopes continue, unless the error is the emitter's. A panic counts as such an
	// error, but in a goroutine that Collect starts it ends the process.
	Collect(ctx context.Context, s *Scan) error
}

// Scope is one part of a run: an account and, if the source has regions, a region.
type Scope struct {
	Account account.Account
	Region  string
}

// EachRegion returns a scope for every account and region.
func EachRegion(accounts []account.Account, regions []string) []Scope {
	scopes := make([]Scope, 0, len(accounts)*len(regions))
	for _, r := range regions {
		for _, a := range accounts {
			scopes = append(scopes, Scope{Account: a, Region: r})
		}
	}
	return scopes
}

// EachAccount returns a scope for every account, for sources without regions.
func EachAccount(accounts []account.Account) []Scope {
	scopes := make([]Scope, len(accounts))
	for i, a := range accounts {
		scopes[i] = Scope{Account: a}
	}
	return scopes
}
