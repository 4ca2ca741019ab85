package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A gap lasts from the scan that failed to the one that completes later.
func TestCoverageGaps(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	gap := func(account, ts, what, reason string) row {
		return event(account, "scan.incomplete", "", ts).with("resource_type", what, "state", reason, "error_code", "E-"+reason)
	}
	s.insert(t,
		// Completed before, but not since.
		scan("1", day(1, 0)), gap("1", day(2, 0), "ec2:instance", "throttled"), gap("1", day(3, 0), "ec2:instance", "denied"),
		// Completed later.
		gap("2", day(2, 0), "ec2:instance", "denied"), scan("2", day(3, 0)),
		// The whole scope, then one type of it.
		gap("3", day(2, 0), "", "unreachable"), scan("3", day(3, 0)),
		gap("4", day(2, 0), "", "unreachable"), scan("4", day(1, 0)),
		// A completion of another type does not end it.
		gap("5", day(2, 0), "ec2:volume", "denied"), scan("5", day(3, 0)),
		// All regions in one call.
		gap("6", day(2, 0), "s3:bucket", "denied").with("region", ""), scan("6", day(3, 0)).with("region", "*", "resource_type", "s3:bucket"),
		gap("7", day(3, 0), "s3:bucket", "denied").with("region", ""), scan("7", day(2, 0)).with("region", "*", "resource_type", "s3:bucket"),
		// Never completed.
		gap("8", day(2, 0), "ec2:instance", "disabled"),
	)
	want := []string{
		`["1", "eu", "ec2:instance", "denied", "E-denied", "` + day(2, 0) + `", "` + day(3, 0) + `", "` + day(1, 0) + `"]`,
		`["4", "eu", "", "unreachable", "E-unreachable", "` + day(2, 0) + `", "` + day(2, 0) + `", "` + day(1, 0) + `"]`,
		`["5", "eu", "ec2:volume", "denied", "E-denied", "` + day(2, 0) + `", "` + day(2, 0) + `", null]`,
		`["7", "", "s3:bucket", "denied", "E-denied", "` + day(3, 0) + `", "` + day(3, 0) + `", "` + day(2, 0) + `"]`,
		`["8", "eu", "ec2:instance", "disabled", "E-disabled", "` + day(2, 0) + `", "` + day(2, 0) + `", null]`,
	}
	const query = "SELECT account_id, region, what, reason, error_code, first_gap, last_gap, last_completed FROM coverage_gaps ORDER BY account_id FORMAT JSONCompactEachRow"
	if diff := cmp.Diff(want, s.lines(t, s.Users.Reader, query)); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}
