package action

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// DatabasePrivate takes a database's public address away.
type DatabasePrivate struct{}

// Info implements Action.
func (DatabasePrivate) Info() Info {
	return Info{
		ID: "make_database_private", Title: "Make a database private", Service: "rds", Type: "rds:db", Rules: []string{"rds_public"},
		Undo: "make it publicly accessible again", UndoExposes: "the database to the Internet",
	}
}

// Check implements Action.
func (a DatabasePrivate) Check(t Target) error { return check(a.Info(), t) }

// Inspect implements Action.
func (DatabasePrivate) Inspect(ctx context.Context, r Reader, t Target) (State, error) {
	out, err := r.RDS.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String(t.ID())})
	if missing(err, "DBInstanceNotFound", "DBInstanceNotFoundFault") {
		return State{}, nil
	} else if err != nil {
		return State{}, err
	}
	for _, d := range out.DBInstances {
		if aws.ToString(d.DBInstanceIdentifier) != t.ID() {
			continue
		}
		tags := map[string]string{}
		for _, tag := range d.TagList {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		pending, err := pendingOf(d.PendingModifiedValues)
		if err != nil {
			return State{}, err
		}
		s := State{Exists: true, Tags: tags, Live: d, Facts: Facts{
			"publicly_accessible": yes(aws.ToBool(d.PubliclyAccessible)), "pending": pending, Identity: aws.ToString(d.DbiResourceId),
		}}
		s.Progress = map[string]string{"status": aws.ToString(d.DBInstanceStatus)}
		return s, nil
	}
	return State{}, nil
}

// pendingOf returns the names of the modifications that wait to be applied. Their values may be secrets.
func pendingOf(p *types.PendingModifiedValues) (string, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		return "", err
	}
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil || value == "" })
	return strings.Join(slices.Sorted(maps.Keys(all)), ","), nil
}

// nonePending is why nothing is applied at once while something waits: that would be applied, too, and may restart the database.
func nonePending(s State) error {
	if s.Facts["pending"] != "" { //mutant:actions-applies-pending
		return fmt.Errorf("%w: modifications wait for its maintenance window, and would be applied at once: %s", ErrNotReady, s.Facts["pending"])
	}
	return nil
}

// Precondition implements Action.
func (DatabasePrivate) Precondition(_ Target, s State) error {
	switch {
	case !s.Exists:
		return notApplicable("there is no such database")
	case s.Facts["publicly_accessible"] != "true":
		return notApplicable("it is not publicly accessible")
	case s.Facts["pending"] != "":
		return notApplicable("modifications wait for its maintenance window, and would be applied at once: %s", s.Facts["pending"])
	case s.Progress["status"] != "available":
		return notApplicable("it is %s, not available", s.Progress["status"])
	}
	return nil
}

// Steps implements Action.
func (a DatabasePrivate) Steps(t Target, _ Facts) []Step { return []Step{a.set(t, false)} }

// Undo implements Action.
func (a DatabasePrivate) Undo(t Target, _ Facts) []Step { return []Step{a.set(t, true)} }

func (DatabasePrivate) set(t Target, public bool) Step {
	in := &rds.ModifyDBInstanceInput{DBInstanceIdentifier: aws.String(t.ID()), PubliclyAccessible: aws.Bool(public), ApplyImmediately: aws.Bool(true)}
	return Step{
		Service: "rds", Operation: "ModifyDBInstance", Input: in, Grants: []Grant{allow("rds:ModifyDBInstance", t.ARN)},
		Ready: nonePending,
		Do:    func(ctx context.Context, w Writer) error { _, err := w.RDS.ModifyDBInstance(ctx, in); return err },
		Effect: func(s State) Effect {
			// The setting may be shown before it is so, and after it was asked for.
			if s.Exists && s.Progress["status"] != "available" {
				return Underway
			}
			return taken(s.Facts["publicly_accessible"] == yes(public))
		},
	}
}
