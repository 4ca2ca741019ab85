package main

// schemaMutants break how ClickHouse collapses the statements of one fact.
func schemaMutants() []mutant {
	mutants := []mutant{
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
			file: "schema/migrations/0004_resources.sql",
			old:  "PARTITION BY toYYYYMM(ts)\nORDER BY (ts, event_id)",
			new:  "PARTITION BY toYYYYMM(ts)\nORDER BY (arn, ts, event_id)",
			pkg:  faults, tests: []string{"TestConsumerIsKilled/after_insert", "TestNetworkToClickHouse/slow"},
		},
		{
			name: "costs-count-twice", breaks: "a bill's line that comes again replaces itself",
			file: "schema/migrations/0006_costs.sql",
			old:  "PARTITION BY toYYYYMM(ts)\nORDER BY (ts, event_id)",
			new:  "PARTITION BY toYYYYMM(ts)\nORDER BY (ts, event_id, observed_at)",
			pkg:  faults, tests: []string{"TestUnkindQueue/duplicates_out_of_order"},
		},
		{
			name: "costs-in-order-of-arrival", breaks: "a bill's line that is replayed weeks later is no newer",
			file: "schema/migrations/0006_costs.sql",
			old:  "AS SELECT\n    ts, event_id, version, event_type,",
			new:  "AS SELECT\n    ts, event_id, toUInt64(toUnixTimestamp64Milli(now64(3))) AS version, event_type,",
			pkg:  faults, tests: []string{"TestReplayAfterTheWindow"},
		},
		{
			name: "accounts-last-insert-wins", breaks: "the greatest version wins in what the views fill, too",
			file: "schema/migrations/0007_metadata.sql",
			old:  `{{global_engine "account_metadata" "version"}}`,
			new:  `{{global_engine "account_metadata" ""}}`,
			pkg:  faults, tests: []string{"TestUnkindQueue/all_of_it"},
		},
	}
	for i := range mutants {
		// SQL that ClickHouse does not take would fail every test, and show nothing.
		mutants[i].says = "the tables differ"
	}
	return mutants
}
