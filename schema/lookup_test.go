package schema_test

import (
	"net/http"
	"testing"
)

// A month with a million calls on 100,000 resources, and the rows that queries read.
func TestLookUpsReadLittle(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	const rows = 1_000_000
	for _, part := range []string{"0", "1", "2", "3"} { // four inserts that overlap in time
		s.must(t, s.Users.Migrator, `INSERT INTO resource_events
			(event_id, event_type, source, ts, observed_at, arn, account_id, "relations.type", "relations.target_arn", ancestors)
			SELECT reinterpretAsUUID(sipHash128(number)), if(number % 100 = 0, 'resource.updated', 'activity.api_call'), 'aws.cloudtrail',
				toDateTime64('2026-01-01', 3, 'UTC') + toIntervalMillisecond(number * 2592) AS at, at,
				'arn:aws:ec2:eu-west-1:1:instance/i-' || toString(cityHash64(number) % 100000), '1',
				['uses'], ['arn:aws:ec2:eu-west-1:1:volume/vol-' || toString(cityHash64(number, 1) % 100000)],
				['arn:aws:ec2:eu-west-1:1:subnet/subnet-' || toString(cityHash64(number, 2) % 100000), 'arn:aws:ec2:eu-west-1:1:vpc/vpc-1']
			FROM numbers(1000000) WHERE number % 4 = `+part)
	}
	if got := s.must(t, s.Users.Reader, "SELECT count() FROM resource_events"); got != "1000000" {
		t.Fatalf("%s rows", got)
	}
	arn := "'" + s.must(t, s.Users.Reader, "SELECT any(arn) FROM resource_events WHERE event_type = 'resource.updated' AND toStartOfHour(ts) = '2026-01-10 10:00:00'") + "'"
	check := func(when string, merged bool) {
		for _, c := range []struct {
			name, sql string
			// bounds on the rows read, with four overlapping parts and with one
			apart, merged int
		}{
			{"an hour", "SELECT * FROM resource_events FINAL WHERE ts >= '2026-01-10 10:00:00' AND ts < '2026-01-10 11:00:00'", rows / 50, rows / 200},
			{"an ARN", "SELECT * FROM resource_events FINAL WHERE arn = " + arn, rows / 4, rows / 10},
			{"an ARN in an hour", "SELECT count() FROM resource_events FINAL WHERE arn = " + arn + " AND toStartOfHour(ts) = '2026-01-10 10:00:00'", rows / 50, rows / 200},
			{"a relation", "SELECT count() FROM resource_events FINAL WHERE has(relations.target_arn, 'arn:aws:ec2:eu-west-1:1:volume/vol-4711')", rows / 4, rows / 10},
			{"an ancestor", "SELECT count() FROM resource_events FINAL WHERE has(ancestors, 'arn:aws:ec2:eu-west-1:1:subnet/subnet-4711')", rows / 4, rows / 10},
			{"the relations of an ARN", "SELECT * FROM resource_relationships WHERE arn = " + arn, rows / 4, rows / 10},
			{"the state of an ARN", "SELECT count() FROM resources_current WHERE arn = " + arn, rows / 40, rows / 40},
			{"the states of a day", "SELECT count() FROM resource_snapshots WHERE day = '2026-01-10'", rows / 100, rows / 100},
		} {
			a := s.query(t, s.Users.Reader, c.sql, "")
			if a.code != http.StatusOK || a.body == "" || a.body == "0" {
				t.Errorf("%s, %s: status %d: %q", c.name, when, a.code, a.body)
			}
			most := c.apart
			if merged {
				most = c.merged
			}
			if a.readRows == 0 || a.readRows > most {
				t.Errorf("%s, %s: %d rows read of %d, want at most %d", c.name, when, a.readRows, rows, most)
			}
			t.Logf("%s, %s: %d rows read of %d", c.name, when, a.readRows, rows)
		}
	}
	check("unmerged", false)
	for _, table := range []string{"resource_events", "resource_states"} {
		s.must(t, s.Users.Migrator, "OPTIMIZE TABLE "+table+" FINAL")
	}
	check("merged", true)
}
