package main

import "cmp"

// schemaMutants break how ClickHouse collapses the statements of one fact.
func schemaMutants() []mutant {
	mutants := []mutant{
		{
			name: "scans-count-early", breaks: "a scan of resources counts once its snapshots have arrived",
			new: "true AS whole",
			pkg: faults, tests: []string{"TestCompletionsOvertake"}, says: "while it arrives",
		},
		{
			name: "deliveries-count-early", breaks: "a delivery counts once its lines have arrived",
			old: "n >= told, 3", new: "true, 3",
			pkg: faults, tests: []string{"TestCompletionsOvertake"}, says: "while it arrives",
		},
		{
			name: "deliveries-add-up", breaks: "a bill counts from one delivery",
			old: "billing_day", new: "billing_day, delivery",
			pkg: "./schema", tests: []string{"TestBillDeliveries"}, says: "the rollup",
		},
		{
			name: "lines-of-deliveries-add-up", breaks: "a line of another delivery costs zero",
			old: "NOT b.counts", new: "false",
			pkg: "./schema", tests: []string{"TestRollupsEqualLive/seed_0"}, says: "-live +stored",
		},
		{
			name: "vanished-lines-count", breaks: "a line that a later scan did not hold counts in no rollup",
			old: "NOT arrayExists", new: "true OR arrayExists",
			pkg: "./schema", tests: []string{"TestRollupsEqualLive/seed_0"}, says: "-live +stored",
		},
		{
			name: "outdated-rollups-count", breaks: "a day that has changed is answered from its lines",
			old: "g.2 = print", new: "g.1 > 0",
			pkg: "./schema", tests: []string{"TestRollupsEqualLive/seed_0"}, says: "-live +stored",
		},
		{
			name: "every-rollup-counts", breaks: "of the rollups of a day one counts",
			old: " AND generation IN kept.2", new: "",
			pkg: "./schema", tests: []string{"TestRollupsEqualLive/seed_0"}, says: "-live +stored",
		},
		{
			name: "every-rollup-counts-in-a-live-view", breaks: "of the rollups of a day one counts, while lines come and go, too",
			old: " AND made IN state.1", new: "",
			pkg: "./schema", tests: []string{"TestRollupsEqualLive/seed_0"}, says: "-live +stored",
		},
		{
			name: "spread-lines-always-count", breaks: "a line that a later scan no longer has is spread over no day",
			old: ` AND {{template "scope"}} IN state.1`, new: "",
			pkg: "./schema/queries", tests: []string{"TestSpread"}, says: "fee",
		},
		{
			name: "kept-state-always-holds", breaks: "a state of costs that was kept counts only while lines and scans are the same",
			old: "argMax(stamp, made) = (SELECT (stamp, until) FROM polo.cost_stamp).1", new: "max(made) > 0",
			pkg: "./schema", tests: []string{"TestRollupsEqualLive/seed_0"}, says: "-live +stored",
		},
		{
			name: "stamp-is-of-lines", breaks: "a scan that ends changes the state of costs",
			old: "sum(sipHash64(event_id, version)) FROM polo.scans", new: "0::UInt64 FROM polo.scans",
			pkg: "./schema", tests: []string{"TestScanOutdatesKeptState"}, says: "-live +stored",
		},
		{
			name: "late-events-folded-last", breaks: "an event that comes late is folded in its place",
			old: "notEmpty(c.gone) OR c.first_place <= s.place", new: "notEmpty(c.gone)",
			pkg: "./schema", tests: []string{"TestResourcesEqualLive/seed_0"}, says: "-live +stored",
		},
		{
			name: "vanished-rows-stay", breaks: "a resource whose event was restated as another's is folded anew",
			old: "mark), NOT there)", new: "mark), false)",
			pkg: "./schema", tests: []string{"TestRestatedEventLeavesItsResource"}, says: "-live +stored",
		},
		{
			name: "gone-marks-stay", breaks: "a row that was removed and comes back is folded again",
			old: " AND print = 0", new: "",
			pkg: "./schema", tests: []string{"TestRemovedEventComesBack"}, says: "-live +stored",
		},
		{
			name: "folded-minutes-stay-folded", breaks: "a minute that has changed since it was folded is looked at again",
			old: "print != sum(was)", new: "sum(was) = 0",
			pkg: "./schema", tests: []string{"TestResourcesEqualLive/seed_0"}, says: "-live +stored",
		},
		{
			name: "kept-resources-always-hold", breaks: "stored states of resources count alone only while events and scans are the same",
			old: "sum(part) = sum(kept), '^resource_rollups$'", new: "true, '^resource_rollups$'",
			pkg: "./schema", tests: []string{"TestResourcesEqualLive/seed_0"}, says: "-live +stored",
		},
		{
			name: "kept-scans-always-hold", breaks: "kept scans count only while scans and snapshots are the same",
			old: "sum(of_scans) = sum(kept_scans)", new: "true",
			pkg: "./schema", tests: []string{"TestScanOutdatesKeptResources"}, says: "-live +stored",
		},
		{
			name: "restated-snapshots-count", breaks: "a scan lacks a snapshot that was restated as another type of event",
			old: "count() = 0", new: "true",
			pkg: "./schema", tests: []string{"TestRestatedSnapshotLeavesItsScan"}, says: "-live +stored",
		},
		{
			name: "snapshots-change-no-scan", breaks: "a snapshot that comes late makes its scan whole",
			old: "if(event_type = 'resource.snapshot', part, 0)", new: "0::UInt64",
			pkg: "./schema", tests: []string{"TestScansAreKeptWhileResourcesChange"}, says: "-live +stored",
		},
		{
			name: "resource-stamp-is-of-states", breaks: "a scan that ends changes which resources are there",
			old: "sum({{template \"mark\"}}) AS part", new: "0::UInt64 AS part",
			pkg: "./schema", tests: []string{"TestScanOutdatesKeptResources"}, says: "-live +stored",
		},
		{
			name: "sources-add-up", breaks: "what a bill and Cost Explorer both say is added up once",
			old: "NOT has(billed, l.5)", new: "true",
			pkg: "./schema", tests: []string{"TestOneSourceOfTheSameMoney"}, says: "beside a bill",
		},
		{
			name: "newest-delivery-counts", breaks: "a whole delivery counts before a later partial one",
			old: "n >= told, 3", new: "n >= told, 1",
			pkg: "./schema", tests: []string{"TestBillDeliveries"}, says: "the rollup",
		},
		{
			name: "sums-wrap", breaks: "a sum that a Decimal256 does not hold is an error",
			old: "5e38", new: "5e99",
			pkg: "./schema", tests: []string{"TestRollupDoesNotWrap"}, says: "the sum of seven amounts",
		},
		{
			name: "unfinished-days-judged", breaks: "a day is judged once it was read to its end, and is over",
			old: "d.scanned_at >= addDays(d.billing_day, if(toInt32(d.billing_day) = p.final, 2, 1))", new: "true",
			pkg: "./schema", tests: []string{"TestAnomalies"}, says: "a day that is not over",
		},
		{
			name: "unread-days-cost-nothing", breaks: "a day that was not read is no day without costs",
			old: "o1, a1, o2, a2, o3, a3, 0.", new: "0.",
			pkg: "./schema", tests: []string{"TestAnomalies"}, says: "days that were not read",
		},
		{
			name: "anomalies-add-currencies", breaks: "what is judged is of one currency",
			old: "currency", new: "'USD'",
			pkg: "./schema", tests: []string{"TestAnomalies"}, says: "two currencies",
		},
		{
			name: "anomalies-add-sources", breaks: "what is judged is of one source",
			old: "source", new: "'aws.cur'",
			pkg: "./schema", tests: []string{"TestAnomalies"}, says: "two sources",
		},
		{
			name: "same-money-judged-twice", breaks: "an anomaly that a bill and Cost Explorer both have is told once",
			old: " AND NOT has(any(doubles), k - days + last)", new: "",
			pkg: "./schema", tests: []string{"TestAnomalies"}, says: "beside Cost Explorer",
		},
		{
			name: "anomalies-stay", breaks: "an anomaly that a restatement explains is gone",
			old: "argMax(stamp, made) = (SELECT stamp FROM polo.cost_stamp)", new: "true",
			pkg: "./schema", tests: []string{"TestAnomaliesAfterRestatements"}, says: "-from scratch +restated",
		},
		{
			name: "events-by-arn", breaks: "a statement with another ARN replaces its older self",
			frozen: "schema/migrations/0002_resource_events.sql",
			old:    "PARTITION BY toYYYYMM(ts)\nORDER BY (ts, event_id)", new: "PARTITION BY toYYYYMM(ts)\nORDER BY (arn, ts, event_id)",
			pkg: faults, tests: []string{"TestSeveralConsumersShareAQueue"},
		},
		{
			name: "last-insert-wins", breaks: "the greatest version wins, in whatever order it is inserted",
			frozen: "schema/migrations/0002_resource_events.sql",
			old:    `{{engine "resource_events" "version"}}`, new: `{{engine "resource_events" ""}}`,
			pkg: faults, tests: []string{"TestDuplicateStorm", "TestReplayAfterTheWindow"},
		},
		{
			name: "states-by-arn", breaks: "a state with another ARN replaces its older self",
			frozen: "schema/migrations/0004_resource_states.sql",
			old:    "PARTITION BY toYYYYMM(ts)\nORDER BY (ts, event_id)", new: "PARTITION BY toYYYYMM(ts)\nORDER BY (arn, ts, event_id)",
			pkg: faults, tests: []string{"TestConsumerIsKilled/after_insert", "TestNetworkToClickHouse/slow"},
		},
		{
			name: "costs-count-twice", breaks: "a bill's line that comes again replaces itself",
			frozen: "schema/migrations/0005_cost_lines.sql",
			old:    "PARTITION BY toYYYYMM(ts)\nORDER BY (ts, event_id)", new: "PARTITION BY toYYYYMM(ts)\nORDER BY (ts, event_id, observed_at)",
			pkg: faults, tests: []string{"TestQueueFaults/duplicates_out_of_order"},
		},
		{
			name: "costs-in-order-of-arrival", breaks: "a bill's line that is replayed weeks later is no newer",
			old: "version", new: "toUInt64(toUnixTimestamp64Milli(now64(3))) AS version",
			pkg: faults, tests: []string{"TestReplayAfterTheWindow"},
		},
		{
			name: "accounts-last-insert-wins", breaks: "the greatest version wins in what the views fill, too",
			frozen: "schema/migrations/0008_account_states.sql",
			old:    `{{engine "account_states" "version"}}`, new: `{{engine "account_states" ""}}`,
			pkg: faults, tests: []string{"TestQueueFaults/all_of_it"},
		},
		{
			name: "views-applied-once", breaks: "a view whose file changes is applied again",
			old: ", !recorded[w.name] && !w.dictionary", new: "",
			pkg: "./schema", tests: []string{"TestViewsAreAppliedWhenTheyChange"}, says: "an edited scan_scopes",
		},
		{
			name: "records-deduplicated", breaks: "a view that goes back to an earlier text is recorded",
			old: "now64(3, 'UTC')", new: "'2026-01-01'",
			pkg: "./schema", tests: []string{"TestViewsAreAppliedWhenTheyChange"}, says: "Up applies",
		},
		{
			name: "definitions-not-compared", breaks: "a view that was changed by hand is noticed",
			old: "!w.same(f, definition)", new: `f.engine == ""`,
			pkg: "./schema", tests: []string{"TestCheckFindsFaults"}, says: "by hand",
		},
		{
			name: "hands-not-undone", breaks: "a view that was changed by hand is mended",
			old: "!= nil", new: "!= nil && len(have) == 0",
			pkg: "./schema", tests: []string{"TestViewsChangedByHandAreRepaired"}, says: "Up applies",
		},
		{
			name: "old-installations-refused", breaks: "an installation of the superseded migrations upgrades",
			new: "",
			pkg: "./schema", tests: []string{"TestUpgrade"}, says: "has changed since",
		},
		{
			name: "filling-not-changed", breaks: "an upgrade changes what a materialised view selects",
			new: "EXPLAIN",
			pkg: "./schema", tests: []string{"TestUpgrade/the_first_version"}, says: "not the shape of a new installation",
		},
	}
	for i := range mutants {
		// Invalid SQL would fail every test and show nothing, so the test must say that
		// the tables differ.
		mutants[i].says = cmp.Or(mutants[i].says, "the tables differ")
	}
	return mutants
}
