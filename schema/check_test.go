package schema_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/schema"
)

// Check looks for the same tables and views on every kind of ClickHouse.
func TestCheckKnowsEveryTable(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.connect(t)
	for _, kind := range []schema.Kind{schema.Single, schema.Cloud, schema.Cluster} {
		var faults *schema.FaultsError
		if err := schema.Check(t.Context(), conn, schema.Target{Kind: kind}); !errors.As(err, &faults) {
			t.Fatalf("%s: %v of an empty database", kind, err)
		}
		var missing []string
		for _, f := range faults.Faults {
			if strings.Contains(f.Problem, "missing") {
				missing = append(missing, strings.TrimSuffix(strings.TrimPrefix(f.Object, "polo."), "_local"))
			}
		}
		slices.Sort(missing)
		missing = slices.Compact(missing) // a cluster has each shard's tables, and the Distributed ones
		want := []string{
			"account_metadata", "account_states", "account_states_mv", "accounts", "accounts_dict", "alert_log", "alert_log_mv", "alert_notifications", "alert_silences", "alert_states", "bill_deliveries", "cost_anomalies", "cost_anomalies_due", "cost_anomalies_found", "cost_anomalies_kept", "cost_anomalies_mv", "cost_daily",
			"cost_daily_by_arn", "cost_daily_by_arn_live", "cost_daily_by_tag", "cost_daily_by_tag_live", "cost_daily_live", "cost_days", "cost_hourly", "cost_hourly_mv", "cost_lines", "cost_periods", "cost_rollup_daily",
			"cost_rollups", "cost_rollups_due", "cost_rollups_mv", "cost_scan_days", "cost_scopes", "cost_stamp", "cost_state", "cost_state_live", "cost_states", "cost_states_due", "cost_states_mv", "coverage_gaps", "customer_metadata", "customers_dict", "fx_rates",
			"resource_ancestry", "resource_completions", "resource_events", "resource_minutes", "resource_relationships", "resource_rollups", "resource_rollups_due", "resource_rollups_mv", "resource_scans", "resource_scans_kept", "resource_scans_live", "resource_scans_touched",
			"resource_snapshots", "resource_stamp", "resource_states", "resource_states_mv", "resources_current", "resources_live", "resources_touched", "rule_answers", "rule_answers_mv", "rule_changes", "rule_customers", "rule_exemptions",
			"rule_findings", "rule_resources", "rule_settings", "rule_violations", "scan_scopes", "scans", "scans_mv", "schema_migrations",
		}
		if kind == schema.Cluster {
			want = slices.Sorted(slices.Values(append(want, "cost_days_everywhere")))
		}
		if diff := cmp.Diff(want, missing); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

func TestCheckFindsFaults(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	conn := s.connect(t)
	check := func(objects ...string) []schema.Fault {
		t.Helper()
		err := schema.Check(t.Context(), conn, s.target(), objects...)
		var faults *schema.FaultsError
		if err != nil && !errors.As(err, &faults) {
			t.Fatal(err)
		}
		if faults == nil {
			return nil
		}
		return faults.Faults
	}
	if faults := check(); faults != nil {
		t.Fatalf("as migrated: %v", faults)
	}
	// Each case breaks one thing, which Check names by object and word.
	remade := func(table, engine string) []string {
		return []string{"DROP TABLE " + table, "CREATE TABLE " + table + " (ts DateTime64(3, 'UTC'), event_id UUID, version UInt64) ENGINE = " + engine}
	}
	const keys, window = " PARTITION BY toYear(ts) ORDER BY (ts, event_id)", " SETTINGS non_replicated_deduplication_window = 100"
	for _, c := range []struct {
		name           string
		sql            []string
		object, saying string
	}{
		{"plain engine", remade("scans", "MergeTree"+keys+window), "polo.scans", "ReplacingMergeTree(version)"},
		{"no version", remade("scans", "ReplacingMergeTree"+keys+window), "polo.scans", "ReplacingMergeTree(version)"},
		{"other key", remade("scans", "ReplacingMergeTree(version) PARTITION BY toYear(ts) ORDER BY (event_id, ts)"+window), "polo.scans", "ordered by"},
		{"other partition", remade("scans", "ReplacingMergeTree(version) PARTITION BY toYYYYMMDD(ts) ORDER BY (ts, event_id)"+window), "polo.scans", "partitioned by"},
		{"no window", []string{"ALTER TABLE cost_lines MODIFY SETTING non_replicated_deduplication_window = 0"}, "polo.cost_lines", "recognised"},
		{"view by hand", []string{"CREATE OR REPLACE VIEW cost_rollup_daily AS SELECT toDate32(ts) AS day, sum(cost_amount) AS cost FROM cost_hourly GROUP BY day"}, "polo.cost_rollup_daily", "definition"},
		{"filling by hand", []string{"ALTER TABLE scans_mv MODIFY QUERY SELECT ts, event_id, version, event_type FROM resource_events"}, "polo.scans_mv", "definition"},
		{"dictionary by hand", []string{
			"CREATE OR REPLACE DICTIONARY customers_dict (customer String, name String) PRIMARY KEY customer SOURCE(CLICKHOUSE(TABLE 'customer_metadata')) LAYOUT(COMPLEX_KEY_HASHED()) LIFETIME(60)",
		}, "polo.customers_dict", "definition"},
		{"a table for a view", []string{"DROP VIEW scan_scopes", "CREATE TABLE scan_scopes (account_id String) ENGINE = Memory"}, "polo.scan_scopes", "definition"},
		{"view missing", []string{"DROP VIEW cost_hourly_mv"}, "polo.cost_hourly_mv", "missing"},
		{"view elsewhere", []string{
			"DROP VIEW resource_states_mv",
			"CREATE MATERIALIZED VIEW resource_states_mv TO scans DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT ts, event_id, version FROM resource_events",
		}, "polo.resource_states_mv", "does not fill"},
		{"additive view", []string{
			"CREATE TABLE sums (source String, n UInt64) ENGINE = SummingMergeTree ORDER BY source",
			"CREATE MATERIALIZED VIEW sums_mv TO sums DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT source, count() AS n FROM resource_events GROUP BY source",
		}, "polo.sums_mv", "adds up"},
	} {
		for _, sql := range c.sql {
			s.must(t, s.Users.Migrator, sql)
		}
		faults := check()
		found := false
		for _, f := range faults {
			found = found || f.Object == c.object && strings.Contains(f.Problem, c.saying) && f.Remedy != ""
		}
		if !found {
			t.Errorf("%s: told %v", c.name, faults)
		}
	}
	if faults := check("resource_events"); faults != nil {
		t.Errorf("resource_events alone: %v", faults)
	}
}
