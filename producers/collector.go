package producers

import (
	"context"

	"polo/internal/account"
)

// Collector reads one source. A new source is one implementation and one line of
// registration.
//
// It keeps nothing between runs: what a run covers is in its Scan. Safe for
// concurrent use: several scopes are read at once.
type Collector interface {
	// Source names it: the source of its events, such as "aws.ec2".
	Source() string
	// Scopes are the parts that are read each by itself, of the accounts and regions
	// that the run was given. A source without regions makes one of each account,
	// with no region; one that only a payer can read makes one in all.
	Scopes(accounts []account.Account, regions []string) []Scope
	// Collect reads one scope: it emits what it finds, says what of it was read to the
	// end (Scan.Completed), and what could not be read (Scan.Gap), for which it goes
	// on with the rest. An error ends the scope and becomes a gap of all of it; it
	// concerns no other scope, unless it is the emitter's. A panic is such an error, but
	// not in a goroutine that Collect starts: there it ends the process.
	Collect(ctx context.Context, s *Scan) error
}

// Scope is one part of a run: an account and, where the source has such, a region.
type Scope struct {
	Account account.Account
	Region  string
}

// EachRegion makes a scope of every account and region.
func EachRegion(accounts []account.Account, regions []string) []Scope {
	scopes := make([]Scope, 0, len(accounts)*len(regions))
	for _, r := range regions {
		for _, a := range accounts {
			scopes = append(scopes, Scope{Account: a, Region: r})
		}
	}
	return scopes
}

// EachAccount makes a scope of every account, for what has no regions.
func EachAccount(accounts []account.Account) []Scope {
	scopes := make([]Scope, len(accounts))
	for i, a := range accounts {
		scopes[i] = Scope{Account: a}
	}
	return scopes
}
