package main

import "cmp"

// schemaMutants break how ClickHouse collapses the statements of one fact.
func schemaMutants() []mutant {
	mutants := []mutant{
		{
			name: "scans-count-early", breaks: "a scan of resources counts once its snapshots have arrived",
			file: "schema/views/resource_completions.sql",
			old:  "(ifNull(arrived >= expected, true) OR c.nth > 30)::Bool AS whole",
			new:  "true AS whole",
			pkg:  faults, tests: []string{"TestCompletionsOvertake"}, says: "while it arrives",
		},
		{
			name: "deliveries-count-early", breaks: "a delivery counts once its lines have arrived",
			file: "schema/views/bill_deliveries.sql",
			old:  "NOT max(ended) OR lines < ifNull(expected, 0), 'arriving'",
			new:  "NOT max(ended), 'arriving'",
			pkg:  faults, tests: []string{"TestCompletionsOvertake"}, says: "while it arrives",
		},
		{
			name: "deliveries-add-up", breaks: "a bill counts from one delivery",
			file: "schema/views/cost_hourly.sql",
			old:  "NOT b.counts)::Bool AS gone",
			new:  "false)::Bool AS gone",
			pkg:  "./schema", tests: []string{"TestBillDeliveries"}, says: "the rollup",
		},
		{
			name: "newest-delivery-counts", breaks: "a whole delivery counts before a later partial one",
			file: "schema/views/bill_deliveries.sql",
			old:  "multiIf(state = 'whole', 3, lines = 0, 0, state = 'partial', 2, 1) AS rank",
			new:  "multiIf(state = 'whole', 1, lines = 0, 0, 1) AS rank",
			pkg:  "./schema", tests: []string{"TestBillDeliveries"}, says: "the rollup",
		},
		{
			name: "sums-wrap", breaks: "a sum that a Decimal256 does not hold is an error",
			file: "schema/views/cost_rollup_daily.sql",
			old:  ">= 5e38",
			new:  ">= 5e99",
			pkg:  "./schema", tests: []string{"TestRollupDoesNotWrap"}, says: "the sum of seven amounts",
		},
		{
			name: "events-by-arn", breaks: "a statement with another ARN replaces its older self",
			file: "schema/migrations/0002_resource_events.sql",
			old:  "PARTITION BY toYYYYMM(ts)\nORDER BY (ts, event_id)",
			new:  "PARTITION BY toYYYYMM(ts)\nORDER BY (arn, ts, event_id)",
			pkg:  faults, tests: []string{"TestSeveralConsumersShareAQueue"},
		},
		{
			name: "last-insert-wins", breaks: "the greatest version wins, in whatever order it is inserted",
			file: "schema/migrations/0002_resource_events.sql",
			old:  `{{engine "resource_events" "version"}}`,
			new:  `{{engine "resource_events" ""}}`,
			pkg:  faults, tests: []string{"TestDuplicateStorm", "TestReplayAfterTheWindow"},
		},
		{
			name: "states-by-arn", breaks: "a state with another ARN replaces its older self",
			file: "schema/migrations/0004_resource_states.sql",
			old:  "PARTITION BY toYYYYMM(ts)\nORDER BY (ts, event_id)",
			new:  "PARTITION BY toYYYYMM(ts)\nORDER BY (arn, ts, event_id)",
			pkg:  faults, tests: []string{"TestConsumerIsKilled/after_insert", "TestNetworkToClickHouse/slow"},
		},
		{
			name: "costs-count-twice", breaks: "a bill's line that comes again replaces itself",
			file: "schema/migrations/0005_cost_lines.sql",
			old:  "PARTITION BY toYYYYMM(ts)\nORDER BY (ts, event_id)",
			new:  "PARTITION BY toYYYYMM(ts)\nORDER BY (ts, event_id, observed_at)",
			pkg:  faults, tests: []string{"TestQueueFaults/duplicates_out_of_order"},
		},
		{
			name: "costs-in-order-of-arrival", breaks: "a bill's line that is replayed weeks later is no newer",
			file: "schema/views/cost_hourly_mv.sql",
			old:  "ts, event_id, version, event_type, source, period_end, observed_at,\n    coalesce(",
			new:  "ts, event_id, toUInt64(toUnixTimestamp64Milli(now64(3))) AS version, event_type, source, period_end, observed_at,\n    coalesce(",
			pkg:  faults, tests: []string{"TestReplayAfterTheWindow"},
		},
		{
			name: "accounts-last-insert-wins", breaks: "the greatest version wins in what the views fill, too",
			file: "schema/migrations/0008_account_states.sql",
			old:  `{{engine "account_states" "version"}}`,
			new:  `{{engine "account_states" ""}}`,
			pkg:  faults, tests: []string{"TestQueueFaults/all_of_it"},
		},
		{
			name: "views-applied-once", breaks: "a view whose file changes is applied again",
			file: "schema/views.go",
			old:  ", !recorded[w.name] && !w.dictionary:",
			new:  ":",
			pkg:  "./schema", tests: []string{"TestViewsAreAppliedWhenTheyChange"}, says: "an edited scan_scopes",
		},
		{
			name: "records-deduplicated", breaks: "a view that goes back to an earlier text is recorded",
			file: "schema/records.go",
			old:  "now64(3, 'UTC'))\"",
			new:  "'2026-01-01')\"",
			pkg:  "./schema", tests: []string{"TestViewsAreAppliedWhenTheyChange"}, says: "Up applies",
		},
		{
			name: "definitions-not-compared", breaks: "a view that was changed by hand is noticed",
			file: "schema/wanted.go",
			old:  "w.query != \"\" && !w.same(f, definition):",
			new:  "w.query != \"\" && f.engine == \"\":",
			pkg:  "./schema", tests: []string{"TestCheckFindsFaults"}, says: "by hand",
		},
		{
			name: "hands-not-undone", breaks: "a view that was changed by hand is mended",
			file: "schema/views.go",
			old:  "w.faults(have, definitions[w.name]) != nil, ",
			new:  "w.faults(have, definitions[w.name]) != nil && len(have) == 0, ",
			pkg:  "./schema", tests: []string{"TestViewsChangedByHandAreRepaired"}, says: "Up applies",
		},
		{
			name: "old-installations-refused", breaks: "an installation of the superseded migrations upgrades",
			file: "schema/records.go",
			old:  "\tcase superseded[r.checksum] != \"\":\n",
			new:  "",
			pkg:  "./schema", tests: []string{"TestUpgrade"}, says: "has changed since",
		},
		{
			name: "filling-not-changed", breaks: "an upgrade changes what a materialised view selects",
			file: "schema/views/scans_mv.sql",
			old:  "ALTER TABLE polo.scans_mv{{on_cluster}} MODIFY QUERY\n{{template \"query\"}};\n",
			new:  "",
			pkg:  "./schema", tests: []string{"TestUpgrade/the_first_version"}, says: "not the shape of a new installation",
		},
	}
	for i := range mutants {
		// Invalid SQL would fail every test and show nothing, so the test must say that
		// the tables differ.
		mutants[i].says = cmp.Or(mutants[i].says, "the tables differ")
	}
	return mutants
}
