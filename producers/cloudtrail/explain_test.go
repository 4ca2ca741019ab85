package cloudtrail_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/producers/cloudtrail"
	"polo/producers/cloudtrail/resolve"
)

// An explanation lists the signals of every candidate, and its scores are those that decided.
func TestExplain(t *testing.T) {
	t.Parallel()
	n := cloudtrail.NewNormaliser(cloudtrail.Config{})
	record := call{
		source: "ec2", name: "AttachVolume", request: `{"volumeId":"vol-0123456789abcdef0","instanceId":"i-0123456789abcdef0"}`,
		response: `{"volumeId":"vol-0123456789abcdef0","instanceId":"i-0123456789abcdef0","status":"attaching"}`,
	}.json()
	x, err := n.Explain([]byte(record), observed)
	if err != nil {
		t.Fatal(err)
	}
	if x.Service != "ec2" || x.Operation != "AttachVolume" || x.Noun != "volume" || x.Change != "updated" || x.ARN != ec2+"volume/vol-0123456789abcdef0" || x.How != resolve.ResolvedBuilt {
		t.Errorf("%+v", x)
	}
	want := resolve.ExplainedCandidate{
		ARN: ec2 + "volume/vol-0123456789abcdef0", Type: "ec2:volume", Member: "response.volumeId", How: resolve.ResolvedBuilt, Score: 112, Depth: 1, Chosen: true,
		Signals: []resolve.Signal{
			{Reason: "it belongs to the call's service", Score: 60},
			{Reason: "the operation's noun is its type", Score: 50},
			{Reason: "its ARN was built from its id", Score: 2},
			{Reason: "the response names it", Score: 1},
		},
	}
	if d := cmp.Diff(want, x.Candidates[0]); d != "" {
		t.Errorf("the chosen candidate (-want +got):\n%s", d)
	}
	relation := ""
	for _, c := range x.Candidates {
		sum := -c.Depth
		for _, s := range c.Signals {
			sum += s.Score
		}
		if sum != c.Score {
			t.Errorf("%s: signals make %d, the score is %d", c.Member, sum, c.Score)
		}
		if c.ARN == ec2+"instance/i-0123456789abcdef0" {
			relation = c.Relation
		}
	}
	if relation != "attached_to" {
		t.Errorf("the instance is %q", relation)
	}
	if _, err := n.Explain([]byte(`{}`), observed); err == nil {
		t.Error("an empty record is explained")
	}
	plain, err := n.Normalise([]byte(record), observed)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(plain.Events, x.Events); d != "" {
		t.Errorf("explained events are others:\n%s", d)
	}
}
