package actions

import (
	"context"
	"errors"
	"time"
)

// Evidence is what Polo knows of a resource: ClickHouse.
type Evidence interface {
	// Resource returns ErrNoResource for an ARN that Polo does not have.
	Resource(ctx context.Context, arn string) (Resource, error)
	// Violation returns the state of a rule's violation by a resource.
	Violation(ctx context.Context, rule, arn string) (Violation, error)
	// Count returns how many resources of a type there are.
	Count(ctx context.Context, resourceType string) (int64, error)
	// Cost returns what a resource cost in the 30 whole days before now, by currency.
	Cost(ctx context.Context, arn string) ([]Money, error)
	// Calls returns the names of the calls that a role's session made since a time, by CloudTrail.
	Calls(ctx context.Context, session string, since time.Time) ([]string, error)
	// CallsOn returns those of some names that succeeded on a resource since a time, whoever made them, by CloudTrail.
	CallsOn(ctx context.Context, arn string, names []string, since time.Time) ([]string, error)
}

// ErrNoResource means that Polo does not know a resource.
var ErrNoResource = errors.New("no such resource is known")

// Resource is what Polo knows of a resource.
type Resource struct {
	Account, Region, Type string
	// Environment is the present role of its account; empty if that is not known.
	Environment string
}

// Violation is a rule's violation.
type Violation struct {
	// Status is open, exempt, unknown or resolved; empty if there never was one.
	Status string
	// Scanned is when resources of the type were last read to the end in its account and region.
	Scanned time.Time
}

// violationOpen is the status of a violation that an action may end.
const violationOpen = "open"
