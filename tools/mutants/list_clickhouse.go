package main

// clickhouseMutants break the insert into ClickHouse, and the classification of its
// errors.
func clickhouseMutants() []mutant {
	return []mutant{
		{
			name: "network-error-is-refusal", breaks: waits,
			old: "ErrUnavailable", new: "ErrRefused",
			pkg: faults, tests: []string{"TestSoak"}, // halving the block is a retry too: only after many halvings a row is alone
		},
		{
			name: "no-answer-counts-as-done", breaks: "an insert without an answer is not done",
			new: "return nil",
			pkg: faults, tests: []string{"TestNetworkToClickHouse/cut", "TestNetworkToClickHouse/the_acknowledge_is_lost", "TestClickHouseIsKilled"},
		},
		{
			name: "value-in-the-reason", breaks: "a refused row is reported by column and type, never by its value",
			old: "named(exception, columns)", new: `named(exception, columns)+": "+exception.Message`,
			pkg: integration, tests: []string{"TestPoisonIsolatesToTheEvent"},
		},
		refusal("too-many-parts", "ClassOutage", "TestClickHouseRefuses/too_many_parts"),
		refusal("out-of-memory", "ClassOutage", "TestClickHouseRefuses/out_of_memory"),
		refusal("missing-table", "ClassSetUp", "TestClickHouseRefuses/table_missing"),
		refusal("read-only", "ClassSetUp", "TestClickHouseRefuses/read-only_account"),
		refusal("wrong-password", "ClassSetUp", "TestClickHouseRefuses/wrong_password"),
		refusal("full-disk", "ClassOutage", "TestDiskFull", "POLO_FAULTS=1"),
	}
}

// waits is the guarantee for every error that a retry can fix.
const waits = "no error but the rows' own sends a message to the dead-letter queue"

// refusal returns a mutant that classifies an error code as ClassRefused.
func refusal(name, class, test string, env ...string) mutant {
	return mutant{
		name: name + "-is-refusal", breaks: waits,
		old: class, new: "ClassRefused",
		pkg: faults, tests: []string{test}, env: env,
	}
}
