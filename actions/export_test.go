package actions

import (
	"encoding/json"
	"testing"
)

// ResealApproval changes an approval and seals it again, as nobody without a key can.
func ResealApproval(t *testing.T, k Keys, text string, change func(*Approval)) string {
	t.Helper()
	payload, err := k.open(kindApproval, text)
	if err != nil {
		t.Fatal(err)
	}
	var a Approval
	if err := json.Unmarshal(payload, &a); err != nil {
		t.Fatal(err)
	}
	change(&a)
	if payload, err = json.Marshal(a); err != nil {
		t.Fatal(err)
	}
	return k.seal(kindApproval, payload)
}
