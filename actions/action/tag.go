package action

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

	"polo/envelope"
)

// TagResource sets one tag of a resource, by the tagging API that all services share.
type TagResource struct{}

// Info implements Action.
func (TagResource) Info() Info {
	return Info{
		ID: "tag_resource", Title: "Set a tag of a resource", Service: "tag", Rules: []string{"owner_missing", "owner_inconsistent"}, Unprompted: true,
		Params: []Param{{Name: "key", Text: "the tag's key", Required: true}, {Name: "value", Text: "the value that it gets", Required: true}},
		Undo:   "give the tag its former value, or remove it",
	}
}

// tagCalls are the permissions of the services whose resources may be tagged: to set a tag and to remove it.
// IAM and KMS, where tags can grant access, are not among them.
func tagCalls(service string) (set, remove string) {
	switch service {
	case "ec2":
		return "ec2:CreateTags", "ec2:DeleteTags"
	case "rds":
		return "rds:AddTagsToResource", "rds:RemoveTagsFromResource"
	case "s3":
		return "s3:PutBucketTagging", "s3:PutBucketTagging"
	case "logs":
		return "logs:TagResource", "logs:UntagResource"
	case "lambda", "dynamodb", "sns", "ecr", "eks", "elasticfilesystem", "acm", "secretsmanager":
		return service + ":TagResource", service + ":UntagResource"
	case "sqs":
		return "sqs:TagQueue", "sqs:UntagQueue"
	case "elasticloadbalancing":
		return "elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"
	case "elasticache":
		return "elasticache:AddTagsToResource", "elasticache:RemoveTagsFromResource"
	case "redshift":
		return "redshift:CreateTags", "redshift:DeleteTags"
	}
	return "", ""
}

// tagTexts is what every service takes in keys and values.
var tagTexts = regexp.MustCompile(`^[\p{L}\p{N} _.:/=+@-]*$`)

// CheckTagKey reports why a tag of a key is never set.
func CheckTagKey(key string) error {
	lower := strings.ToLower(strings.TrimSpace(key))
	switch {
	case strings.HasPrefix(lower, "aws:") || strings.HasPrefix(lower, "polo:"):
		return errors.New("tags that begin with aws: or polo: are not set")
	case len([]rune(key)) > 128 || !tagTexts.MatchString(key):
		return errors.New("the parameter key is not the key of a tag: up to 128 letters, digits, spaces and _.:/=+@-")
	}
	return nil
}

// Check implements Action.
func (a TagResource) Check(t Target) error {
	errs := []error{check(a.Info(), t)}
	key, value := t.Params["key"], t.Params["value"]
	errs = append(errs, CheckTagKey(key))
	if len([]rune(value)) > 256 || !tagTexts.MatchString(value) {
		errs = append(errs, errors.New("the parameter value is not the value of a tag: up to 256 letters, digits, spaces and _.:/=+@-"))
	}
	if arn, err := envelope.ParseARN(t.ARN); err == nil {
		if set, _ := tagCalls(arn.Service); set == "" {
			errs = append(errs, fmt.Errorf("resources of %s are not tagged", arn.Service))
		}
	}
	return errors.Join(errs...)
}

// Inspect implements Action. The API knows only resources that have, or had, a tag: one without is
// taken to exist, and the call fails if it does not.
func (TagResource) Inspect(ctx context.Context, r Reader, t Target) (State, error) {
	out, err := r.Tagging.GetResources(ctx, &tagging.GetResourcesInput{ResourceARNList: []string{t.ARN}})
	if err != nil {
		return State{}, err
	}
	s := State{Exists: true, Tags: map[string]string{}}
	for _, m := range out.ResourceTagMappingList {
		if aws.ToString(m.ResourceARN) == t.ARN {
			for _, tag := range m.Tags {
				s.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
		}
	}
	value, has := s.Tags[t.Params["key"]]
	s.Facts = Facts{"has": yes(has), "value": value}
	s.Live = map[string]any{"arn": t.ARN, "tags": s.Tags}
	return s, nil
}

// Precondition implements Action.
func (TagResource) Precondition(t Target, s State) error {
	if s.Facts["has"] == "true" && s.Facts["value"] == t.Params["value"] {
		return notApplicable("the tag has that value already")
	}
	return nil
}

// Steps implements Action.
func (a TagResource) Steps(t Target, _ Facts) []Step { return []Step{a.set(t, t.Params["value"])} }

// everything is the resource of calls that IAM cannot limit to one; the service's own permission
// beside it is limited to the one ARN, and both are needed.
const everything = "*"

func (TagResource) set(t Target, value string) Step {
	call, _ := tagCalls(serviceOf(t))
	in := &tagging.TagResourcesInput{ResourceARNList: []string{t.ARN}, Tags: map[string]string{t.Params["key"]: value}}
	return Step{
		Service: "tag", Operation: "TagResources", Input: in, Grants: tagGrants(t, "tag:TagResources", call),
		Do: func(ctx context.Context, w Writer) error {
			out, err := w.Tagging.TagResources(ctx, in)
			if err != nil {
				return err
			}
			return failure(out.FailedResourcesMap)
		},
		Effect: func(s State) Effect { return taken(s.Facts["has"] == "true" && s.Facts["value"] == value) },
	}
}

// Undo implements Action.
func (a TagResource) Undo(t Target, before Facts) []Step {
	if before["has"] == "true" {
		return []Step{a.set(t, before["value"])}
	}
	_, call := tagCalls(serviceOf(t))
	in := &tagging.UntagResourcesInput{ResourceARNList: []string{t.ARN}, TagKeys: []string{t.Params["key"]}}
	return []Step{{
		Service: "tag", Operation: "UntagResources", Input: in, Grants: tagGrants(t, "tag:UntagResources", call),
		Do: func(ctx context.Context, w Writer) error {
			out, err := w.Tagging.UntagResources(ctx, in)
			if err != nil {
				return err
			}
			return failure(out.FailedResourcesMap)
		},
		Effect: func(s State) Effect { return taken(s.Facts["has"] == "false") },
	}}
}

func serviceOf(t Target) string {
	a, err := envelope.ParseARN(t.ARN)
	if err != nil {
		return ""
	}
	return a.Service
}

// tagGrants returns the grants of a call of the tagging API.
func tagGrants(t Target, call, own string) []Grant {
	grants := []Grant{allow(call, everything), allow(own, t.ARN)}
	switch serviceOf(t) {
	case "logs":
		grants[1].Resources = groups(t)
	case "s3": // the API reads a bucket's other tags to keep them
		grants = append(grants, allow("s3:GetBucketTagging", t.ARN))
	}
	return grants
}
