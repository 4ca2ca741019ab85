package action

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// LogRetention sets how long a log group keeps its events.
type LogRetention struct{}

// Info implements Action.
func (LogRetention) Info() Info {
	return Info{
		ID: "set_log_retention", Title: "Set a log group's retention", Service: "logs", Type: "logs:log-group", Rules: []string{"log_group_kept_forever"},
		Params:       []Param{{Name: "days", Text: "how many days events are kept: 30, 90, 365, ...", Required: true}},
		Undo:         "restore the retention that it had; expired events do not come back",
		Irreversible: "events older than the retention",
	}
}

// retentions are the numbers of days that the API takes.
func retentions() []int {
	return []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
}

// Check implements Action.
func (a LogRetention) Check(t Target) error {
	err := check(a.Info(), t)
	if _, wrong := daysOf(t); wrong != nil && t.Params["days"] != "" {
		err = errors.Join(err, wrong)
	}
	return err
}

func daysOf(t Target) (int32, error) {
	n, err := strconv.Atoi(t.Params["days"])
	if err != nil || !slices.Contains(retentions(), n) {
		return 0, errors.New("the parameter days is not one of CloudWatch Logs' numbers of days, such as 30, 90 or 365")
	}
	return int32(n), nil //nolint:gosec // at most 3,653
}

// Inspect implements Action.
func (LogRetention) Inspect(ctx context.Context, r Reader, t Target) (State, error) {
	in := &logs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(t.ID())}
	for {
		out, err := r.Logs.DescribeLogGroups(ctx, in)
		if err != nil {
			return State{}, err
		}
		for _, g := range out.LogGroups {
			if aws.ToString(g.LogGroupName) != t.ID() {
				continue
			}
			s := State{Exists: true, Live: g, Facts: Facts{"retention_in_days": "", Identity: strconv.FormatInt(aws.ToInt64(g.CreationTime), 10)}}
			if g.RetentionInDays != nil {
				s.Facts["retention_in_days"] = strconv.Itoa(int(*g.RetentionInDays))
			}
			tags, err := r.Logs.ListTagsForResource(ctx, &logs.ListTagsForResourceInput{ResourceArn: aws.String(t.ARN)})
			if err != nil {
				return State{}, err
			}
			s.Tags = tags.Tags
			return s, nil
		}
		if aws.ToString(out.NextToken) == "" {
			return State{}, nil
		}
		in.NextToken = out.NextToken
	}
}

// Precondition implements Action.
func (LogRetention) Precondition(t Target, s State) error {
	switch {
	case !s.Exists:
		return notApplicable("there is no such log group")
	case s.Facts["retention_in_days"] == t.Params["days"]:
		return notApplicable("it keeps events for that long already")
	}
	return nil
}

// Steps implements Action.
func (a LogRetention) Steps(t Target, _ Facts) []Step { return []Step{a.put(t, t.Params["days"])} }

// groups are the names of a log group in policies: CloudWatch Logs checks the one or the other.
func groups(t Target) []string { return []string{t.ARN, t.ARN + ":*"} }

func (LogRetention) put(t Target, days string) Step {
	n, err := strconv.Atoi(days)
	if err != nil {
		n = 0 // Check refuses it
	}
	in := &logs.PutRetentionPolicyInput{LogGroupName: aws.String(t.ID()), RetentionInDays: aws.Int32(int32(n))} //nolint:gosec // one of retentions
	return Step{
		Service: "logs", Operation: "PutRetentionPolicy", Input: in, Grants: []Grant{allow("logs:PutRetentionPolicy", groups(t)...)},
		Do:     func(ctx context.Context, w Writer) error { _, err := w.Logs.PutRetentionPolicy(ctx, in); return err },
		Effect: func(s State) Effect { return taken(s.Exists && s.Facts["retention_in_days"] == days) },
	}
}

// Undo implements Action.
func (a LogRetention) Undo(t Target, before Facts) []Step {
	if days := before["retention_in_days"]; days != "" {
		return []Step{a.put(t, days)}
	}
	in := &logs.DeleteRetentionPolicyInput{LogGroupName: aws.String(t.ID())}
	return []Step{{
		Service: "logs", Operation: "DeleteRetentionPolicy", Input: in, Grants: []Grant{allow("logs:DeleteRetentionPolicy", groups(t)...)},
		Do:     func(ctx context.Context, w Writer) error { _, err := w.Logs.DeleteRetentionPolicy(ctx, in); return err },
		Effect: func(s State) Effect { return taken(s.Exists && s.Facts["retention_in_days"] == "") },
	}}
}
