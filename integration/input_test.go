package integration_test

import (
	"strings"
	"testing"

	"polo/producers/tree/treetest"
)

// apiCall returns a CloudTrail record.
func apiCall(id, request string) string {
	return `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ann","accountId":"111122223333","userName":"ann"},` +
		`"eventTime":"2026-03-01T10:00:50Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances","awsRegion":"eu-west-1","requestParameters":` + request +
		`,"responseElements":null,"eventID":"` + id + `","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}`
}

// TestIngestReadsEveryFormOfARecord ingests what a trail's bucket holds besides management
// events, exports of CloudWatch Logs, and deeply nested records: one activity for each.
func TestIngestReadsEveryFormOfARecord(t *testing.T) {
	t.Parallel()
	const trail = "AWSLogs/111122223333/"
	insight := func(id, state string) string {
		return `{"eventVersion":"1.08","eventTime":"2026-03-01T10:01:00Z","awsRegion":"eu-west-1","eventID":"` + id + `","eventType":"AwsCloudTrailInsight","recipientAccountId":"111122223333","sharedEventID":"s",` +
			`"insightDetails":{"state":"` + state + `","eventSource":"ssm.amazonaws.com","eventName":"UpdateInstanceInformation","insightType":"ApiCallRateInsight"},"eventCategory":"Insight"}`
	}
	const at = "2026-03-01T10:00:00.000Z "
	input := treetest.Folder(t, map[string]string{
		trail + "CloudTrail-Digest/d.json.gz":  treetest.Gzip(t, `{"awsAccountId":"111122223333","digestStartTime":"2026-03-01T09:00:00Z","digestEndTime":"2026-03-01T10:00:00Z","digestS3Bucket":"b","logFiles":[]}`),
		trail + "CloudTrail-Insight/i.json.gz": treetest.Gzip(t, `{"Records":[`+insight("i-1", "Start")+`,`+insight("i-2", "End")+`]}`),
		trail + "CloudTrail-Aggregated/a.json.gz": treetest.Gzip(t, `{"Records":[{"eventVersion":"1.0","accountId":111122223333,"eventId":"a-1","eventCategory":"Aggregated","eventType":"AwsAggregatedEvent","awsRegion":"eu-west-1",`+
			`"timeWindow":{"windowStart":"2026-03-01T10:00:00Z","windowEnd":"2026-03-01T10:05:00Z","windowSize":"PT5M"},"summary":{"primaryDimension":{"dimension":"resourceARN","statistics":[{"name":"arn:aws:s3:::b1","value":17}]}}}]}`),
		"export/000000.gz": treetest.Gzip(t, at+apiCall("x-1", "null")+"\n"+at+apiCall("x-2", "null")+"\n"),
		"control.json":     `{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}`,
		"deep.json":        `{"Records":[` + apiCall("d-1", strings.Repeat(`{"a":`, 200)+"{}"+strings.Repeat("}", 200)) + `,` + apiCall("d-2", "null") + `]}`,
	})
	data := t.TempDir()
	s := ingest(t, data, input)
	if s.Failed != 0 || s.DLQ != 0 || s.Read != 7 {
		t.Errorf("read %d, failed %d: %v", s.Read, s.Failed, s.Reasons)
	}
	for query, want := range map[string]int64{
		activities: 7,
		"SELECT count() FROM resource_events FINAL WHERE event_type = 'activity.insight' AND service = 'ssm' AND state IN ('Start', 'End')":                                                         2,
		"SELECT count() FROM resource_events FINAL WHERE event_type = 'activity.aggregated' AND arn = 'arn:aws:s3:::b1' AND account_id = '111122223333' AND dateDiff('minute', ts, period_end) = 5": 1,
	} {
		if got := number(t, data, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}
