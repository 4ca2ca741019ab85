package actions_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"polo/actions"
	"polo/actions/action"
	"polo/actions/actionstest"
)

// What is put into a session's policy means one resource.
func TestTargets(t *testing.T) {
	t.Parallel()
	tag := map[string]string{"key": "customer", "value": "acme"}
	for _, tc := range []struct {
		action, arn, region string
		params              map[string]string
		ok                  bool
	}{
		{"stop_instance", actionstest.EC2("instance/i-1"), actionstest.Region, nil, true},
		{"stop_instance", actionstest.EC2("instance/*"), actionstest.Region, nil, false},
		{"stop_instance", actionstest.EC2("instance/i-?"), actionstest.Region, nil, false},
		{"stop_instance", actionstest.EC2("instance/${aws:username}"), actionstest.Region, nil, false},
		{"tag_resource", "arn:aws:s3:::bucket-*", actionstest.Region, tag, false},
		{"tag_resource", "arn:aws:s3:::bucket-1", actionstest.Region, tag, true},
		{"tag_resource", "arn:aws-cn:s3:::bucket-1", actionstest.Region, tag, false},
		{"tag_resource", "arn:aws-cn:s3:::bucket-1", "cn-north-1", tag, true},
		{"tag_resource", "arn:aws:s3:::bucket-1", "us-gov-west-1", tag, false},
		{"revoke_open_ingress", actionstest.EC2("security-group/sg-1"), actionstest.Region, map[string]string{"ports": "22, 3389"}, true},
		{"revoke_open_ingress", actionstest.EC2("security-group/sg-1"), actionstest.Region, map[string]string{"ports": "443"}, false},
		{"revoke_open_ingress", actionstest.EC2("security-group/sg-1"), actionstest.Region, map[string]string{"ports": "22,80"}, false},
	} {
		a, err := action.ByID(tc.action)
		if err != nil {
			t.Fatal(err)
		}
		err = a.Check(action.Target{ARN: tc.arn, Account: actionstest.Account, Region: tc.region, Params: tc.params})
		if (err == nil) != tc.ok {
			t.Errorf("%s %s in %s with %v: %v", tc.action, tc.arn, tc.region, tc.params, err)
		}
	}
}

// The tag protects in every spelling.
func TestProtectedInEverySpelling(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"polo:protected", "Polo:Protected", "POLO:PROTECTED", " polo:protected"} {
		w := actionstest.NewWorld(t)
		w.AWS.Change(func(a *actionstest.AWS) {
			i := *a.Instances["i-1"]
			i.Tags = []ec2types.Tag{{Key: aws.String(key), Value: aws.String("no")}}
			a.Instances["i-1"] = &i
		})
		_, err := w.Engine.Plan(t.Context(), w.By(actionstest.Ada), actionstest.Case("stop_instance"))
		refused(t, err, actions.CodeProtected)
	}
}

// An event that is no entry is refused, one with a step before the first too.
func TestEntryOfRefuses(t *testing.T) {
	t.Parallel()
	w := actionstest.NewWorld(t)
	w.Planned(t, actionstest.Case("stop_instance"))
	for _, step := range []string{"-1", "x", "", "1e9"} {
		event := w.Journal.Entries()[0].Event()
		event.Properties.Set("step", step)
		if _, err := actions.EntryOf(event); err == nil {
			t.Errorf("step %q was accepted", step)
		}
	}
}
