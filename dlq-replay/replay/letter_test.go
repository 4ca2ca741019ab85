package replay_test

import (
	"slices"
	"testing"

	"polo/dlq-replay/replay"
	"polo/envelope"
	"polo/internal/queue"
)

// A letter of a record, which has no events, is of its failure's account.
func TestAccountsOfARecord(t *testing.T) {
	t.Parallel()
	for account, want := range map[string]string{"111122223333": "111122223333", "": "-"} {
		f := queue.Failure{Reason: queue.ReasonMalformedRecord, Err: "cost: not a number", Unit: queue.UnitPart, Body: []byte("a,b"), Source: "aws.cur", AccountID: account}
		out, err := f.Message(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		d, err := envelope.NewDecoder(envelope.DefaultBounds())
		if err != nil {
			t.Fatal(err)
		}
		l := replay.Open(queue.Message{ID: "m", Body: out.Body, Attributes: out.Attributes}, d)
		if got := l.Accounts(); !slices.Equal(got, []string{want}) {
			t.Errorf("accounts %q, want %q", got, want)
		}
	}
}
