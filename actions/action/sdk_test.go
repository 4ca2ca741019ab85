package action_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"polo/actions/action"
	"polo/internal/awstest"
)

// serve answers requests of the SDK by the name of the call; what has no answer is an error of the server's. It returns the
// clients, and the calls that were made.
func serve(t *testing.T, answers map[string]string) (action.Reader, action.Writer, *[]string) {
	t.Helper()
	var calls []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a client that has gone needs no answer
		_, call, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		switch form, err := url.ParseQuery(string(body)); {
		case call != "":
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		case r.URL.Query().Has("publicAccessBlock"):
			call = r.Method + " publicAccessBlock"
		case r.URL.Query().Has("tagging"):
			call = r.Method + " tagging"
		case err == nil:
			call = form.Get("Action")
		}
		calls = append(calls, call)
		status, text, _ := strings.Cut(answers[call], " ")
		switch status {
		case "200":
		case "400", "404":
			w.WriteHeader(http.StatusBadRequest)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, text) // a client that has gone needs none
	}))
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), Retryer: awstest.Retryer}
	return action.NewReader(cfg), action.NewWriter(cfg), &calls
}

const (
	ec2Error = `400 <Response><Errors><Error><Code>CODE</Code><Message>m</Message></Error></Errors><RequestID>r</RequestID></Response>`
	s3Error  = `404 <Error><Code>CODE</Code><Message>m</Message></Error>`
)

func coded(form, code string) string { return strings.ReplaceAll(form, "CODE", code) }

// What AWS says of a resource that is not there, as the SDK hands it on, is an answer and no error.
func TestMissingResources(t *testing.T) {
	t.Parallel()
	at := "arn:aws:ec2:eu-west-1:111122223333:"
	for _, tc := range []struct {
		action, arn string
		answers     map[string]string
		exists      bool
		facts       action.Facts
	}{
		{"stop_instance", at + "instance/i-1", map[string]string{"DescribeInstances": coded(ec2Error, "InvalidInstanceID.NotFound")}, false, nil},
		{"volume_to_gp3", at + "volume/vol-1", map[string]string{"DescribeVolumes": coded(ec2Error, "InvalidVolume.NotFound")}, false, nil},
		{"volume_to_gp3", at + "volume/vol-1", map[string]string{
			"DescribeVolumes":              `200 <R><volumeSet><item><volumeId>vol-1</volumeId><volumeType>gp2</volumeType><size>8</size></item></volumeSet></R>`,
			"DescribeVolumesModifications": coded(ec2Error, "InvalidVolumeModification.NotFound"),
		}, true, action.Facts{"volume_type": "gp2", "size": "8"}},
		{"release_address", at + "elastic-ip/eipalloc-1", map[string]string{"DescribeAddresses": coded(ec2Error, "InvalidAllocationID.NotFound")}, false, nil},
		{"revoke_open_ingress", at + "security-group/sg-1", map[string]string{"DescribeSecurityGroups": coded(ec2Error, "InvalidGroup.NotFound")}, false, nil},
		{"make_database_private", "arn:aws:rds:eu-west-1:111122223333:db:d", map[string]string{
			"DescribeDBInstances": `404 <ErrorResponse><Error><Type>Sender</Type><Code>DBInstanceNotFound</Code><Message>m</Message></Error></ErrorResponse>`,
		}, false, nil},
		{"block_public_access", "arn:aws:s3:::b", map[string]string{"GET tagging": coded(s3Error, "NoSuchBucket")}, false, nil},
		{"block_public_access", "arn:aws:s3:::b", map[string]string{
			"GET tagging": coded(s3Error, "NoSuchTagSet"), "GET publicAccessBlock": coded(s3Error, "NoSuchPublicAccessBlockConfiguration"),
		}, true, action.Facts{"block": "none"}},
		{"set_log_retention", "arn:aws:logs:eu-west-1:111122223333:log-group:/app", map[string]string{"DescribeLogGroups": `200 {"logGroups":[{"logGroupName":"/app/other"}]}`}, false, nil},
		{"tag_resource", at + "instance/i-1", map[string]string{"GetResources": `200 {"ResourceTagMappingList":[]}`}, true, action.Facts{"has": "false", "value": ""}},
	} {
		t.Run(tc.action, func(t *testing.T) {
			t.Parallel()
			r, _, _ := serve(t, tc.answers)
			a, err := action.ByID(tc.action)
			if err != nil {
				t.Fatal(err)
			}
			target := action.Target{ARN: tc.arn, Account: "111122223333", Region: "eu-west-1", Params: map[string]string{}}
			s, err := a.Inspect(t.Context(), r, target)
			if err != nil || s.Exists != tc.exists {
				t.Fatalf("%+v, %v", s, err)
			}
			if diff := cmp.Diff(tc.facts, s.Facts); diff != "" && tc.facts != nil {
				t.Error(diff)
			}
			if err := a.Precondition(target, s); !tc.exists && err == nil {
				t.Error("it applies to nothing")
			}
			// Any other error is one, and never taken for absence.
			down, _, _ := serve(t, nil)
			if s, err := a.Inspect(t.Context(), down, target); err == nil {
				t.Errorf("an outage was taken for %+v", s)
			}
		})
	}
}

// Each call of a plan is made once, over the SDK, however AWS answers.
func TestCallsAreTriedOnce(t *testing.T) {
	t.Parallel()
	for _, a := range action.All() {
		i := a.Info()
		target := action.Target{ARN: "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", Account: "111122223333", Region: "eu-west-1", Params: map[string]string{"days": "90", "key": "k", "value": "v"}, Plan: "p"}
		for _, step := range append(a.Steps(target, action.Facts{"size": "8", "open": "[]"}), a.Undo(target, action.Facts{"open": "[]"})...) {
			_, w, calls := serve(t, nil)
			if err := step.Do(t.Context(), w); err == nil {
				t.Errorf("%s: an outage is no error of %s", i.ID, step.Operation)
			}
			if len(*calls) != 1 {
				t.Errorf("%s: %s was tried as %q", i.ID, step.Operation, *calls)
			}
			if step.Effect == nil || step.Effect(action.State{}) == action.Underway {
				t.Errorf("%s: the effect of %s cannot be looked up", i.ID, step.Operation)
			}
		}
	}
}
