package cloudtrail_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cloudtrail"
	"polo/producers/tree/treetest"
)

// insightEvent returns an Insight event in a trail's form; it has no names outside
// insightDetails.
func insightEvent(id, details string) string {
	return `{"eventVersion":"1.08","eventTime":"2026-03-01T10:01:00Z","awsRegion":"eu-west-1","eventID":"` + id +
		`","eventType":"AwsCloudTrailInsight","recipientAccountId":"111122223333","sharedEventID":"s","insightDetails":` + details + `,"eventCategory":"Insight"}`
}

const insightStart = `{"state":"Start","eventSource":"ssm.amazonaws.com","eventName":"RunInstances","insightType":"ApiCallRateInsight","insightContext":{"statistics":{"insight":{"average":664}}}}`

func aggregated(members string) string {
	return `{"eventVersion":"1.0","accountId":"111122223333","eventId":"a-1","eventCategory":"Aggregated","eventType":"AwsAggregatedEvent","awsRegion":"eu-west-1",` + members + `}`
}

const window = `"timeWindow":{"windowStart":"2026-03-01T10:00:00Z","windowEnd":"2026-03-01T10:05:00Z","windowSize":"PT5M"}`

func summaryOf(dimension string, names ...string) string {
	var groups []string
	for _, n := range names {
		groups = append(groups, `{"name":"`+n+`","value":17}`)
	}
	return `"summary":{"primaryDimension":{"statistics":[` + strings.Join(groups, ",") + `],"dimension":"` + dimension + `"},"details":[]}`
}

// TestCategories: the events of records without their own eventName, eventSource or eventTime.
func TestCategories(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 10, 1, 0, 0, time.UTC)
	start, end := at.Add(-time.Minute), at.Add(4*time.Minute)
	cases := []struct {
		name, record                          string
		typ, service, event, state, arn, says string
		ts, end                               time.Time
	}{
		{
			name: "insight", record: insightEvent("i-1", insightStart), typ: envelope.TypeInsight, service: "ssm", event: "RunInstances", state: "Start", arn: root, ts: at,
			says: `"average":664`,
		},
		{
			name: "insight of errors, names last", record: insightEvent("i-1", `{"insightContext":{},"errorCode":"AccessDenied","state":"End","insightType":"ApiErrorRateInsight","eventName":"GetObject","eventSource":"s3.amazonaws.com"}`),
			typ: envelope.TypeInsight, service: "s3", event: "GetObject", state: "End", arn: root, ts: at, says: "AccessDenied",
		},
		{
			name: "insight without a type", record: strings.Replace(insightEvent("i-1", insightStart), `"eventType":"AwsCloudTrailInsight",`, "", 1),
			typ: envelope.TypeInsight, service: "ssm", event: "RunInstances", state: "Start", arn: root, ts: at,
		},
		{
			name: "insight without a category", record: strings.Replace(insightEvent("i-1", insightStart), `,"eventCategory":"Insight"`, "", 1),
			typ: envelope.TypeInsight, service: "ssm", event: "RunInstances", state: "Start", arn: root, ts: at,
		},
		{
			name:   "insight of an event data store",
			record: `{"eventVersion":"1.09","eventCategory":"Insight","eventType":"AwsCloudTrailInsight","eventID":"i-2","eventTime":"2026-03-01T10:01:00Z","awsRegion":"eu-west-1","recipientAccountId":"111122223333","insightSource":"arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/x","insightState":"Start","insightEventSource":"iam.amazonaws.com","insightEventName":"CreateRole","insightErrorCode":"null","insightType":"ApiCallRateInsight","insightContext":{"statistics":{"insight":{"average":3}}}}`,
			typ:    envelope.TypeInsight, service: "iam", event: "CreateRole", state: "Start", arn: root, ts: at, says: `"insightContext":{"statistics":{"insight":{"average":3}}}`,
		},
		{
			name: "insight on EventBridge", record: `{"detail-type":"AWS Insight via CloudTrail","source":"aws.cloudtrail","account":"111122223333","detail":` + insightEvent("i-1", insightStart) + `}`,
			typ: envelope.TypeInsight, service: "ssm", event: "RunInstances", state: "Start", arn: root, ts: at,
		},
		{
			name: "aggregated by resource", record: aggregated(window + `,` + summaryOf("resourceARN", "arn:aws:s3:::b1")),
			typ: envelope.TypeAggregated, service: "s3", arn: "arn:aws:s3:::b1", ts: start, end: end, says: `"value":17`,
		},
		{
			name: "aggregated by resource, several", record: aggregated(window + `,"eventSource":"s3.amazonaws.com",` + summaryOf("resourceARN", "arn:aws:s3:::b1", "arn:aws:s3:::b2")),
			typ: envelope.TypeAggregated, service: "s3", arn: root, ts: start, end: end, says: "b2",
		},
		{
			name: "aggregated by call", record: aggregated(summaryOf("eventName", "DeleteObject") + `,` + window + `,"eventSource":"s3.amazonaws.com"`),
			typ: envelope.TypeAggregated, service: "s3", event: "DeleteObject", arn: root, ts: start, end: end,
		},
		{
			name: "aggregated by user", record: aggregated(window + `,"eventSource":"s3.amazonaws.com",` + summaryOf("userIdentity", userARN)),
			typ: envelope.TypeAggregated, service: "s3", arn: userARN, ts: start, end: end,
		},
		{
			name: "aggregated without a summary", record: aggregated(window), typ: envelope.TypeAggregated, arn: root, ts: start, end: end,
		},
		{
			name:   "configuration item in an event data store",
			record: `{"eventVersion":"1.05","eventCategory":"ConfigurationItem","eventType":"AwsConfigurationItem","eventID":"c-1","eventTime":"2026-03-01T10:01:00Z","awsRegion":"eu-west-1","recipientAccountId":"111122223333","addendum":null,"eventData":{"configurationItemVersion":"1.3","configurationItemStatus":"OK","resourceId":"b9","resourceType":"AWS::S3::Bucket"}}`,
			typ:    envelope.TypeServiceEvent, arn: root, ts: at, says: "configurationItemStatus",
		},
		{
			name:   "activity of another application in an event data store",
			record: `{"eventVersion":"1.08","eventCategory":"ActivityAuditLog","eventType":"ActivityLog","eventID":"x","eventTime":"2026-03-01T10:02:00Z","recipientAccountId":"111122223333","eventData":{"version":"1","eventSource":"orders.example.com","eventName":"Refund","eventTime":"2026-03-01T10:01:00Z","UID":"u"}}`,
			typ:    envelope.TypeAPICall, service: "orders", event: "Refund", arn: root, ts: at,
		},
		{
			name:   "a time left to the exporter",
			record: `{"@version":"1","eventVersion":1.08,"eventName":"ListBuckets","eventSource":"s3.amazonaws.com","eventID":"e","awsRegion":"eu-west-1","recipientAccountId":"111122223333","@timestamp":"2026-03-01T10:01:00.000Z"}`,
			typ:    envelope.TypeAPICall, service: "s3", event: "ListBuckets", arn: root, ts: at,
		},
		{
			name:   "of an index",
			record: `{"_index":"logs","_id":"1","_source":{"eventName":"ListBuckets","eventSource":"s3.amazonaws.com","eventID":"e","recipientAccountId":"111122223333","@timestamp":"2026-03-01T10:01:00.000Z"}}`,
			typ:    envelope.TypeAPICall, service: "s3", event: "ListBuckets", arn: root, ts: at,
		},
		{
			name: "both times", record: `{"eventName":"ListBuckets","eventSource":"s3.amazonaws.com","recipientAccountId":"111122223333","@timestamp":"2026-03-01T11:11:11Z","eventTime":"2026-03-01T10:01:00Z"}`,
			typ: envelope.TypeAPICall, service: "s3", event: "ListBuckets", arn: root, ts: at,
		},
	}
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			out := normalise(t, n, tc.record)
			if len(out.Events) != 1 {
				t.Errorf("%d events, want the activity alone", len(out.Events))
			}
			e := out.Events[0]
			got := fmt.Sprint(e.EventType, e.Service, e.Properties.Get("event_name"), e.State, e.ARN, e.TS, e.PeriodEnd, e.AccountID)
			if want := fmt.Sprint(tc.typ, tc.service, tc.event, tc.state, tc.arn, tc.ts, tc.end, account); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if text := fmt.Sprint(e.Properties); !strings.Contains(text, tc.says) {
				t.Errorf("the properties lack %s: %s", tc.says, text)
			}
		})
	}
}

// TestRequiredMembers: each category requires its own members.
func TestRequiredMembers(t *testing.T) {
	t.Parallel()
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for record, says := range map[string]string{
		aggregated(`"summary":{}`):                                    "timeWindow.windowStart: missing",
		aggregated(`"timeWindow":{"windowStart":"soon"}`):             "timeWindow.windowStart: not a time",
		aggregated(`"timeWindow":"PT5M"`):                             "timeWindow.windowStart: missing",
		insightEvent("x", "null"):                                     "insightDetails: missing",
		insightEvent("x", `"Start"`):                                  "insightDetails: missing",
		`{"eventCategory":"Data","eventTime":"2026-03-01T10:01:00Z"}`: "eventName and eventSource: missing",
		`{"eventCategory":"Evidence","eventID":"x"}`:                  "eventTime: missing",
		`{"@timestamp":"2026-03-01T10:01:00Z","eventID":"x"}`:         "eventTime: missing",
		`{"@timestamp":"yesterday","eventName":"ListBuckets"}`:        "@timestamp: not a time",
	} {
		_, err := n.Normalise([]byte(record), observed)
		if err == nil || !strings.Contains(err.Error(), says) || cloudtrail.ReasonOf(err) != queue.ReasonMalformedRecord {
			t.Errorf("%s: %v, want %q", record, err, says)
		}
	}
}

// TestInsightEndsAreTwo: the start and the end of an insight have different ids, even if an
// exporter gives them one.
func TestInsightEndsAreTwo(t *testing.T) {
	t.Parallel()
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	start := normalise(t, n, insightEvent("same", insightStart)).Events[0]
	end := normalise(t, n, insightEvent("same", strings.Replace(insightStart, "Start", "End", 1))).Events[0]
	if start.EventID == end.EventID {
		t.Error("the start and the end share an id")
	}
	if again := normalise(t, n, respell(t, insightEvent("same", insightStart))).Events[0]; again.EventID != start.EventID {
		t.Error("the same insight has two ids")
	}
}

// TestAccountsAsNumbers: an account id has twelve digits in any form.
func TestAccountsAsNumbers(t *testing.T) {
	t.Parallel()
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	for id, want := range map[string]string{
		`111122223333`:       "111122223333",
		`"111122223333"`:     "111122223333",
		`11112222`:           "000011112222",
		`"11112222"`:         "000011112222",
		`1.11122223333E11`:   "111122223333",
		`1.1112222E7`:        "000011112222",
		`111122223333.0`:     "111122223333",
		`1.5`:                "",
		`1111222233334444`:   "1111222233334444",
		`-5`:                 "",
		`true`:               "",
		`"1.11122223333E11"`: "",
	} {
		out := normalise(t, n, `{"eventTime":"2026-03-01T10:01:00Z","eventName":"ListBuckets","eventSource":"s3.amazonaws.com","eventID":"e","recipientAccountId":`+id+`}`)
		if got := out.Events[0].AccountID; got != want {
			t.Errorf("%s: account %q, want %q", id, got, want)
		}
		out = normalise(t, n, `{"eventTime":"2026-03-01T10:01:00Z","eventName":"ListBuckets","eventSource":"s3.amazonaws.com","eventID":"e","userIdentity":{"type":"Root","accountId":`+id+`}}`)
		if got := out.Events[0].AccountID; got != want {
			t.Errorf("%s: principal's account %q, want %q", id, got, want)
		}
	}
}

// TestDeepRecords: brackets are matched at any depth, damage in them is found, and the next
// record is read.
func TestDeepRecords(t *testing.T) {
	t.Parallel()
	after := call{source: "s3", name: "ListBuckets", eventID: "after"}.json()
	for _, depth := range []int{1, 61, 62, 63, 64, 65, 126, 127, 128, 129, 200, 1000, 8990} {
		for _, brackets := range []string{`{"a":}`, `[]`} {
			open, closed := brackets[:len(brackets)-1], brackets[len(brackets)-1:]
			deep := strings.Repeat(open, depth) + "1" + strings.Repeat(closed, depth)
			record := call{source: "s3", name: "ListBuckets", eventID: "deep", request: `{"x":` + deep + `}`}.json()
			got := collect(t, treetest.Folder(t, map[string]string{"a.json": `{"Records":[` + record + `,` + after + `]}`}), 1)
			if len(got.Failures) > 0 || got.activities() != 2 {
				t.Errorf("%d levels of %s: %d activities, failures %v", depth, brackets, got.activities(), got.Failures)
			}
		}
		broken := strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth-1) + "]"
		record := call{source: "s3", name: "ListBuckets", eventID: "deep", request: `{"x":` + broken + `}`}.json()
		got := collect(t, treetest.Folder(t, map[string]string{"a.json": `{"Records":[` + record + `,` + after + `]}`}), 1)
		if len(got.Failures) != 1 || got.activities() != 1 {
			t.Errorf("%d levels, the outermost closed wrongly: %d activities, %d failures", depth, got.activities(), len(got.Failures))
		}
	}
}

// TestTimedLines: lines of CloudWatch Logs, exported and printed, give their records.
func TestTimedLines(t *testing.T) {
	t.Parallel()
	records := day(5)
	want := collect(t, treetest.Folder(t, map[string]string{"a.json": `[` + strings.Join(records, ",") + `]`}), 1)
	lines := func(prefix string) string { return prefix + strings.Join(records, "\n"+prefix) + "\n" }
	var events []string
	for _, r := range records {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, `{"logStreamName":"s","timestamp":1,"message":`+string(text)+`,"ingestionTime":2,"eventId":"3"}`)
	}
	for name, text := range map[string]string{
		"000000.gz":     treetest.Gzip(t, lines("2026-03-01T10:00:00.000Z ")),
		"plain":         lines("2026-03-01T10:00:00.000Z "),
		"short":         lines("2026-03-01T10:00:00 "),
		"detailed":      lines("2026-03-01T10:00:00.000000+00:00 111122223333_CloudTrail_eu-west-1_3 "),
		"tabs":          lines("2026-03-01T10:00:00Z\taws.cloudtrail\t"),
		"two words":     lines("2026-03-01 10:00:00.123 "),
		"milliseconds":  lines("1772359872345 "),
		"crlf.txt":      strings.ReplaceAll(lines("2026-03-01T10:00:00.000Z "), "\n", "\r\n"),
		"blank lines":   strings.ReplaceAll(lines("2026-03-01T10:00:00.000Z "), "\n", "\n\n"),
		"filtered.json": `{"events":[` + strings.Join(events, ",") + `],"searchedLogStreams":[]}`,
		"fetched.json":  `{"events":[` + strings.Join(events, ",") + `],"nextForwardToken":"f/1","nextBackwardToken":"b/1"}`,
	} {
		got := collect(t, treetest.Folder(t, map[string]string{name: text}), 1)
		if len(got.Failures) > 0 || got.summary.Read != 5 || len(got.sorted()) != len(want.sorted()) || got.Events[0].EventID != want.Events[0].EventID {
			t.Errorf("%s: read %d, %d events, failures %v", name, got.summary.Read, len(got.Events), got.Failures)
		}
	}
	broken := lines("2026-03-01T10:00:00.000Z ")
	broken = strings.Replace(broken, records[2], records[2][:len(records[2])-40], 1)
	got := collect(t, treetest.Folder(t, map[string]string{"cut": broken}), 1)
	if got.activities() != 4 || len(got.Failures) != 1 {
		t.Errorf("one line of five is cut: %d activities, %d failures", got.activities(), len(got.Failures))
	}
}

// TestControlMessages: control messages are neither records nor failures, and are counted.
func TestControlMessages(t *testing.T) {
	t.Parallel()
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	if _, err := n.Normalise([]byte(`{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}`), observed); !errors.Is(err, cloudtrail.ErrControlMessage) {
		t.Errorf("%v", err)
	}
	control := `{"messageType": "CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logEvents":[{"id":"","timestamp":1,"message":"any text"}]}`
	last := `{"logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination Kinesis stream."}],"messageType":"CONTROL_MESSAGE"}`
	record, err := json.Marshal(day(1)[0])
	if err != nil {
		t.Fatal(err)
	}
	data := `{"messageType":"DATA_MESSAGE","owner":"111122223333","logEvents":[{"id":"1","timestamp":1,"message":` + string(record) + `}]}`
	got := collect(t, treetest.Folder(t, map[string]string{"a": control + data, "b.json": last, "c": data + "\n" + control + "\n" + last}), 1)
	if len(got.Failures) > 0 || got.summary.Read != 2 || got.activities() != 2 {
		t.Errorf("read %d, %d activities, failures %v", got.summary.Read, got.activities(), got.Failures)
	}
	ignored := map[string]int64{}
	for _, i := range got.summary.Ignored {
		ignored[i.Name] += i.Records
	}
	if fmt.Sprint(ignored) != "map[a:1 b.json:1 c:2]" {
		t.Errorf("ignored %v", ignored)
	}
}
