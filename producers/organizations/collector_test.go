package organizations_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"polo/producers/emittertest"

	"github.com/google/go-cmp/cmp"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/awsaccounts"
	"polo/producers"
	"polo/producers/organizations"
)

func run(t *testing.T, listing awsaccounts.Listing, failure error) (*emittertest.Recorder, producers.Summary) {
	t.Helper()
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	var r emittertest.Recorder
	s, err := producers.Run(t.Context(), producers.RunConfig{
		Collector: &organizations.Collector{
			List: func(context.Context) (awsaccounts.Listing, error) { return listing, failure }, Management: listing.Management,
		},
		Accounts: listing.Active(), Regions: []string{"us-east-1"}, Emitter: &r, Identity: producers.DefaultIdentity(), Scheduled: at,
		Now: func() time.Time { return at },
	})
	if err != nil {
		t.Fatal(err)
	}
	return &r, s
}

func TestAccountsAreDescribed(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws-cn:organizations::000000000002:"
	listing := awsaccounts.Listing{Management: "000000000002", Accounts: []account.Account{
		{
			ID: "000000000001", Name: "team", Role: "production", Email: "team@example.com", Status: "SUSPENDED", Path: []string{"Workloads", "Production"},
			Units: []string{arn + "ou/o-1/ou-2", arn + "root/o-1/r-1"}, Organisation: arn + "organization/o-1",
			ARN: arn + "account/o-1/000000000001", Tags: map[string]string{"customer": "acme"},
		},
		{ID: "000000000002"},
	}}
	r, s := run(t, listing, nil)
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	want := envelope.ResourceEvent{
		EventID:   envelope.NewEventID("aws.organizations", at, "account", "000000000001"),
		EventType: envelope.TypeAccountDescribed, Source: "aws.organizations", TS: at, ObservedAt: at,
		ARN: "arn:aws-cn:iam::000000000001:root", Platform: "aws", AccountID: "000000000001", AccountRole: "production", Service: "organizations",
		ResourceType: "organizations:account", ResourceID: "000000000001", ResourceName: "team", State: "SUSPENDED", MarqoCustomer: "acme",
		Ancestors: []string{arn + "ou/o-1/ou-2", arn + "root/o-1/r-1", arn + "organization/o-1"},
		Tags:      envelope.PairsOf(map[string]string{"customer": "acme"}),
		Properties: envelope.PairsOf(map[string]string{
			"email": "team@example.com", "ou_path": "Workloads/Production", "organizations_arn": arn + "account/o-1/000000000001",
		}),
	}
	if diff := cmp.Diff(want, r.Events[0]); diff != "" {
		t.Errorf("the suspended account (-want +got):\n%s", diff)
	}
	for _, e := range r.Events {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
	}
	done := r.Events[2]
	if s.Read != 1 || s.Completions != 1 || done.EventType != envelope.TypeScanCompleted || done.AccountID != "000000000002" || done.ResourceType != organizations.TypeAccount {
		t.Errorf("summary %+v, completion %+v", s, done)
	}
}

// Unreadable tags are a gap, and the accounts are still complete; an unreadable list of
// accounts is not.
func TestWhatIsMissingIsAGap(t *testing.T) {
	t.Parallel()
	listing := awsaccounts.Listing{Accounts: []account.Account{{ID: "000000000001"}}, Missing: []awsaccounts.Missing{{What: "organizations:ListTagsForResource", Err: errors.New("no")}}}
	if _, s := run(t, listing, nil); s.Completions != 1 || len(s.Gaps) != 1 || s.Gaps[0].What != "organizations:ListTagsForResource" {
		t.Errorf("without tags: %+v", s)
	}
	if _, s := run(t, listing, errors.New("no")); s.Completions != 0 || len(s.Gaps) != 1 || s.Gaps[0].What != "" {
		t.Errorf("without accounts: %+v", s)
	}
}
