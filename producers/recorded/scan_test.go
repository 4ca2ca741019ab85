package recorded_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
)

// A list completes its scope's scan if its recorder says where it is from and that it is whole, and
// all of it was understood.
func TestRecordedListsComplete(t *testing.T) {
	t.Parallel()
	volumes := func(frame, list string) string {
		return `{"recorded_at":"2026-02-03T04:05:06Z","status_code":200,` + frame + `"data":{"Volumes":` + list + `}}`
	}
	const from, all = `"account_id":"111122223333","region":"us-east-1",`, `"account_id":"111122223333","region":"us-east-1","complete":true,`
	const one, two = `[{"VolumeId":"vol-1"}]`, `[{"VolumeId":"vol-2"},{"VolumeId":"vol-3"}]`
	const file = "ec2.DescribeVolumes_1.json"
	const refused = `{"recorded_at":"2026-02-03T04:05:06Z","status_code":403,` + from + `"data":{"Error":{"Code":"UnauthorizedOperation"}}}`
	for name, tc := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"whole":        {map[string]string{file: volumes(all, two)}, []string{"aws.ec2 111122223333 us-east-1 ec2:volume 2"}},
		"empty":        {map[string]string{file: volumes(all, "[]")}, []string{"aws.ec2 111122223333 us-east-1 ec2:volume 0"}},
		"pages":        {map[string]string{file: volumes(from, one), "ec2.DescribeVolumes_2.json": volumes(all, two)}, []string{"aws.ec2 111122223333 us-east-1 ec2:volume 3"}},
		"refused":      {map[string]string{file: refused}, []string{"aws.ec2 111122223333 us-east-1 ec2:volume denied UnauthorizedOperation"}},
		"page refused": {map[string]string{file: volumes(all, one), "ec2.DescribeVolumes_2.json": refused}, []string{"aws.ec2 111122223333 us-east-1 ec2:volume denied UnauthorizedOperation"}},
		"no last":      {map[string]string{file: volumes(from, one)}, nil},
		"no account":   {map[string]string{file: volumes(`"region":"us-east-1","complete":true,`, one)}, nil},
		"no region":    {map[string]string{file: volumes(`"account_id":"111122223333","complete":true,`, one)}, nil},
		"damaged":      {map[string]string{file: volumes(all, `[{"VolumeId":"vol-1"},7]`)}, nil},
		"no id":        {map[string]string{file: volumes(all, `[{"VolumeId":"vol-1"},{"Size":1}]`)}, nil},
		"no list":      {map[string]string{file: `{"recorded_at":"2026-02-03T04:05:06Z","status_code":200,` + all + `"data":{}}`}, nil},
		"no frame":     {map[string]string{file: `{` + all + `"Volumes":` + one + `}`}, nil},
		"all regions":  {map[string]string{"s3.ListBuckets_1.json": `{"status_code":200,` + all + `"data":{"Buckets":[{"Name":"b","BucketRegion":"eu-west-1"}]}}`}, []string{"aws.s3 111122223333 * s3:bucket 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, s := collect(t, tc.files, nil, nil)
			var got []string
			for i, e := range r.Events {
				if err := e.Validate(); err != nil {
					t.Error(err)
				}
				switch e.EventType {
				case envelope.TypeScanIncomplete:
					got = append(got, fmt.Sprint(e.Source, " ", e.AccountID, " ", e.Region, " ", e.ResourceType, " ", e.State, " ", e.ErrorCode))
					continue
				case envelope.TypeScanCompleted:
				default:
					continue
				}
				got = append(got, fmt.Sprint(e.Source, " ", e.AccountID, " ", e.Region, " ", e.ResourceType, " ", e.Properties.Get("events")))
				if !slices.ContainsFunc(r.Flushed, func(n int) bool { return n <= i && n == len(r.Events)-len(r.Of(envelope.TypeScanCompleted)) }) {
					t.Error("a completion was not emitted after what it covers was flushed")
				}
				for _, snapshot := range r.Of(envelope.TypeSnapshot) {
					if !snapshot.TS.Equal(e.TS) {
						t.Errorf("a snapshot of %s is completed at %s", snapshot.TS, e.TS)
					}
				}
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if (name == "empty" || name == "refused") && len(s.Left) > 0 {
				t.Errorf("what says something is left out: %v", s.Left)
			}
		})
	}
}

// The place in a recording's frame is that of its resources.
func TestPlaceOfARecording(t *testing.T) {
	t.Parallel()
	r, _ := collect(t, map[string]string{"ec2.DescribeVolumes_1.json": `{"status_code":200,"account_id":"111122223333","region":"eu-west-1","data":{"Volumes":[{"VolumeId":"vol-1"}]}}`}, nil, nil)
	if len(r.Events) != 1 || r.Events[0].ARN != "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1" {
		t.Errorf("%+v", r.Events)
	}
}

// A list of an organisation's accounts describes them.
func TestRecordedAccounts(t *testing.T) {
	t.Parallel()
	list := `{"Accounts":[{"Id":"111122223333","Arn":"arn:aws:organizations::111122223333:account/o-1/111122223333","Email":"a@example.org","Name":"main","Status":"ACTIVE"},` +
		`{"Id":"000000000042","Name":"old","Status":"SUSPENDED"}]}`
	for name, tc := range map[string]struct {
		text           string
		want           []string
		failures, left int
	}{
		"recorder":  {`{"recorded_at":"2026-02-03T04:05:06Z","status_code":200,"data":` + list + `}`, []string{"111122223333 main ACTIVE a@example.org", "000000000042 old SUSPENDED "}, 0, 0},
		"CLI":       {list, []string{"111122223333 main ACTIVE a@example.org", "000000000042 old SUSPENDED "}, 0, 0},
		"error":     {`{"status_code":400,"data":{"Error":{"Code":"AccessDeniedException"}}}`, nil, 0, 1},
		"malformed": {`{"Accounts":7}`, nil, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, s := collect(t, map[string]string{"organizations.ListAccounts_1.json": tc.text}, nil, nil)
			var got []string
			for _, e := range r.Events {
				if err := e.Validate(); err != nil || e.EventType != envelope.TypeAccountDescribed || !strings.HasSuffix(e.ARN, ":iam::"+e.AccountID+":root") {
					t.Errorf("%v: %+v", err, e)
				}
				got = append(got, fmt.Sprint(e.AccountID, " ", e.ResourceName, " ", e.State, " ", e.Properties.Get("email")))
			}
			if d := cmp.Diff(tc.want, got); d != "" || len(r.Failures) != tc.failures || len(s.Left) != tc.left {
				t.Errorf("failures %v, left %v (-want +got):\n%s", r.Failures, s.Left, d)
			}
		})
	}
}
