package inventory_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"polo/internal/awstest"
)

// fakeAWS answers calls by name: from the header in the JSON protocol, from the form's Action in
// EC2's and the Query protocol.
type fakeAWS struct {
	*awstest.API
	// answer returns the status and body of a call; about is its JSON body or its form.
	answer func(call, about string) (status int, body string)
}

// start serves until the test ends.
func (f *fakeAWS) start(t *testing.T) sessions {
	t.Helper()
	f.API = awstest.Serve(t, func(call string, body []byte) (int, []byte) {
		status, answer := f.answer(call, string(body))
		return status, []byte(answer)
	})
	return sessions{endpoint: f.URL}
}

// refusal returns an error in the JSON protocol.
func refusal(code string) string { return fmt.Sprintf(`{"__type":%q,"message":"refused"}`, code) }

// ec2Refusal returns an error in EC2's protocol.
func ec2Refusal(code string) string {
	return "<Response><Errors><Error><Code>" + code + "</Code><Message>refused</Message></Error></Errors><RequestID>1</RequestID></Response>"
}

// member returns a text member of a JSON body.
func member(about, name string) string {
	var m map[string]any
	if err := json.Unmarshal([]byte(about), &m); err != nil {
		return ""
	}
	s, _ := m[name].(string)
	return s
}
