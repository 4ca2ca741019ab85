package cloudtrail_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"polo/producers/cloudtrail"
)

// TestSecretsReachNoEvent: every form of secret in a request is redacted.
func TestSecretsReachNoEvent(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/secrets.json")
	if err != nil {
		t.Fatal(err)
	}
	var log struct{ Records []json.RawMessage }
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for _, r := range log.Records {
		if !strings.Contains(string(r), "SEKRET9") {
			t.Fatalf("no secret in %s", r)
		}
		// As it is, in a LookupEvents entry, and in an EventBridge event.
		quoted, err := json.Marshal(string(r))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			string(r), `{"EventId":"e","CloudTrailEvent":` + string(quoted) + `}`, `{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.x","detail":` + string(r) + `}`,
		} {
			out, err := n.Normalise([]byte(text), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			for i := range out.Events {
				if line := string(out.Events[i].AppendJSON(nil)); strings.Contains(line, "SEKRET9") {
					t.Errorf("a secret is in %s", line)
				}
			}
		}
	}
}

// TestRecordsThatDifferInASecret: two records without an id that differ only in a secret have
// different ids, although the kept text is the same.
func TestRecordsThatDifferInASecret(t *testing.T) {
	t.Parallel()
	record := func(secret string) string {
		return `{"eventTime":"2026-03-01T10:00:01Z","eventSource":"rds.amazonaws.com","eventName":"ModifyDBInstance","awsRegion":"eu-west-1","recipientAccountId":"111122223333","eventType":"AwsApiCall",` +
			`"requestParameters":{"dBInstanceIdentifier":"d","masterUserPassword":"` + secret + `"}}`
	}
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	one, err := n.Normalise([]byte(record("a")), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	two, err := n.Normalise([]byte(record("b")), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if one.Events[0].EventID == two.Events[0].EventID {
		t.Error("both have the same id")
	}
	if text := one.Events[0].Properties.Get("request_parameters"); text != two.Events[0].Properties.Get("request_parameters") || !strings.Contains(text, "***") {
		t.Errorf("kept: %s", text)
	}
}
