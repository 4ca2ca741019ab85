package cloudtrail_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"polo/producers/tree/treetest"
)

// TestSubscriptionEvents: events by which a CloudWatch Logs subscription invokes a function are
// read. A control message is not a record, and data that cannot be unpacked are kept in a
// failure.
func TestSubscriptionEvents(t *testing.T) {
	t.Parallel()
	event := func(typ, message string) string {
		text, err := json.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		inner := fmt.Sprintf(`{"messageType":%q,"logGroup":"trail","logEvents":[{"id":"1","timestamp":1772359250000,"message":%s}]}`, typ, text)
		return `{"awslogs": {"data": "` + base64.StdEncoding.EncodeToString([]byte(treetest.Gzip(t, inner))) + `"}}`
	}
	records := day(3)
	got := collect(t, treetest.Folder(t, map[string]string{
		"one.json":     event("DATA_MESSAGE", records[0]),
		"several":      event("DATA_MESSAGE", records[1]) + "\n" + event("DATA_MESSAGE", records[2]) + "\n",
		"control.json": event("CONTROL_MESSAGE", "CWL CONTROL MESSAGE: Checking health of destination."),
		"broken.json":  `{"awslogs":{"data":"bm8="}}`,
	}), 2)
	if got.activities() != 3 || got.summary.Read != 4 {
		t.Errorf("%d activities, read %d", got.activities(), got.summary.Read)
	}
	if len(got.Failures) != 1 || string(got.Failures[0].Body) != `{"awslogs":{"data":"bm8="}}` {
		t.Errorf("failures %v", problems(got.Failures))
	}
	if len(got.summary.Ignored) != 1 || got.summary.Ignored[0].Name != "control.json" {
		t.Errorf("ignored %v", got.summary.Ignored)
	}
}
