package recorded_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/internal/queue"
)

// All damaged parts are counted, however many.
func TestManyDamagedParts(t *testing.T) {
	t.Parallel()
	const n = 5000
	text := `{"Reservations":[` + strings.Repeat("7,", n-1) + `7]}`
	r, s := collect(t, map[string]string{"ec2.DescribeInstances_1.json": text}, nil, nil)
	if len(r.Failures) != 1 || r.Failures[0].Reason != queue.ReasonManyBadRecords || r.Failures[0].Represents[queue.ReasonMalformedRecord] != n {
		t.Errorf("failures %+v", r.Failures)
	}
	if s.Items != n || s.Rejected[queue.ReasonMalformedRecord] != n {
		t.Errorf("summary %+v", s)
	}
}

// Anything else in place of a list of resources is a failure, and what is sound beside
// it is read. Null or a missing list is empty.
func TestDamagedAnswers(t *testing.T) {
	t.Parallel()
	const instance = `{"InstanceId":"i-0bfe468063b02d018","Placement":{"AvailabilityZone":"us-west-2a"}}`
	wrapped := func(s string) string { return `{"status_code":200,"data":` + s + `}` }
	for name, c := range map[string]struct {
		file, text string
		events     int
		// damaged lists the letters' errors and bodies.
		damaged []string
		left    []string
	}{
		"a number": {"ec2.DescribeInstances_1.json", `{"Reservations": 7}`, 0, []string{"Reservations is a number where a list is due: 7"}, nil},
		"a text":   {"ec2.describe-instances_1.json", wrapped(`{"reservations":"none"}`), 0, []string{`Reservations is a string where a list is due: "none"`}, nil},
		"a boolean, of two lists": {
			"iam.GetAccountAuthorizationDetails_1.json", `{"UserDetailList":false,"RoleDetailList":[]}`, 0,
			[]string{"UserDetailList is a boolean where a list is due: false"},
			nil,
		},
		"an object": {
			"ec2.DescribeVolumes_1.json", `{"Volumes":{"VolumeId":"vol-1","Size":null}}`, 0,
			[]string{`Volumes is an object where a list is due: {"VolumeId":"vol-1","Size":null}`},
			nil,
		},
		"a time": {
			"ec2.DescribeVolumes_1.json", `{"Volumes":{"__class__":"datetime","year":2020,"month":1,"day":1}}`, 0,
			[]string{`Volumes is a time where a list is due: {"__class__":"datetime","year":2020,"month":1,"day":1}`},
			nil,
		},
		"a nested number": {
			"ec2.DescribeInstances_1.json", wrapped(`{"Reservations":[{"OwnerId":"111122223333","Instances":[` + instance + `]},null,{"Instances":1e3}]}`), 1,
			[]string{"Reservations[2].Instances is a number where a list is due: 1e3"},
			nil,
		},
		"a scalar among sound items": {
			"ec2.DescribeInstances_1.json", `{"Reservations":[7,{"OwnerId":"111122223333","Instances":["x",` + instance + `,[],7]}]}`, 1,
			[]string{
				"Reservations[0] is a number where an object is due: 7",
				`Reservations[1].Instances[0] is a string where an object is due: "x"`,
				"Reservations[1].Instances[2] is a list where an object is due: []",
				"Reservations[1].Instances[3] is a number where an object is due: 7",
			},
			nil,
		},
		"of names": {
			"sqs.ListQueues_1.json", `{"QueueUrls":["https://sqs.us-east-1.amazonaws.com/111122223333/a",{"QueueUrl":"b"},null,"",7]}`, 1,
			[]string{
				`QueueUrls[1] is an object where a string is due: {"QueueUrl":"b"}`,
				"QueueUrls[4] is a number where a string is due: 7",
			},
			nil,
		},
		"a list within an object": {
			"cloudfront.ListDistributions_1.json", `{"DistributionList":{"Items":7}}`, 0,
			[]string{"DistributionList.Items is a number where a list is due: 7"},
			nil,
		},
		"a list for an object": {
			"cloudfront.ListDistributions_1.json", `{"DistributionList":[]}`, 0,
			[]string{"DistributionList is a list where an object is due: []"},
			nil,
		},
		"one resource": {
			"iam.GetRole_1.json", `{"Role":"admin"}`, 0,
			[]string{`Role is a string where an object is due: "admin"`},
			nil,
		},
		"a further call's list": {
			"iam.ListRoles_1.json", `{"Roles":{"RoleName":"admin"}}`, 0,
			[]string{`Roles is an object where a list is due: {"RoleName":"admin"}`},
			nil,
		},
		"of several members of one name the first": {
			"ec2.DescribeVolumes_1.json", "\ufeff" + `{"volumes":7,"Volumes":[8]}`, 0,
			[]string{"Volumes is a number where a list is due: 7"},
			nil,
		},
		"and an item that is left": {
			"ec2.DescribeVolumes_1.json", `{"Volumes":[{"Size":1},7]}`, 0,
			[]string{"Volumes[1] is a number where an object is due: 7"},
			[]string{"no_place 1"},
		},
		"null":             {"ec2.DescribeInstances_1.json", `{"Reservations":null}`, 0, nil, []string{"empty 1"}},
		"nested null":      {"ec2.DescribeInstances_1.json", `{"Reservations":[null,{"Instances":null},{}]}`, 0, nil, []string{"empty 1"}},
		"a missing list":   {"cloudfront.ListDistributions_1.json", `{"DistributionList":{}}`, 0, nil, []string{"empty 1"}},
		"a missing member": {"ec2.DescribeInstances_1.json", `{}`, 0, nil, []string{"no_list 1"}},
		"another error":    {"ec2.DescribeInstances_1.json", `{"status_code":429,"data":{"Reservations":7}}`, 0, nil, []string{"error_answer 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, s := collect(t, map[string]string{c.file: c.text}, nil, nil)
			var damaged, left []string
			for _, f := range r.Failures {
				if f.Reason != queue.ReasonMalformedRecord || f.Unit != queue.UnitPart {
					t.Errorf("failure %+v", f)
				}
				text, found := strings.CutPrefix(f.Err, "reading answer: ")
				if member, _, _ := strings.Cut(text, " "); !found || f.Origin != c.file+"#"+member {
					t.Errorf("failure of %s: %s", f.Origin, f.Err)
				}
				damaged = append(damaged, text+": "+string(f.Body))
			}
			for _, l := range s.Left {
				left = append(left, fmt.Sprint(l.Why, " ", l.Count))
			}
			if diff := cmp.Diff(c.damaged, damaged); diff != "" {
				t.Errorf("damaged (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.left, left); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
			if len(r.Events) != c.events || s.Items < len(damaged)+c.events || s.Rejected[queue.ReasonMalformedRecord] != len(damaged) {
				t.Errorf("%d events, want %d; summary %+v", len(r.Events), c.events, s)
			}
		})
	}
}
