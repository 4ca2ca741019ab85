package main

// clickhouseMutants break the insert into ClickHouse, and the classification of its
// errors.
func clickhouseMutants() []mutant {
	return []mutant{
		{
			name: "network-error-is-refusal", breaks: waits,
			file: "internal/clickhouse/errors.go",
			old:  "return fmt.Errorf(\"%w: %s: %w\", ErrUnavailable, doing, err)",
			new:  "return fmt.Errorf(\"%w: %s: %w\", ErrRefused, doing, err)",
			pkg:  faults, tests: []string{"TestSoak"}, // halving the block is a retry too: only after many halvings a row is alone
		},
		{
			name: "no-answer-counts-as-done", breaks: "an insert without an answer is not done",
			file: "internal/clickhouse/errors.go",
			old:  "return fmt.Errorf(\"%w: %s: %w\", ErrUnavailable, doing, err)",
			new:  "return nil",
			pkg:  faults, tests: []string{"TestNetworkToClickHouse/cut", "TestNetworkToClickHouse/the_acknowledge_is_lost", "TestClickHouseIsKilled"},
		},
		{
			name: "value-in-the-reason", breaks: "a refused row is reported by column and type, never by its value",
			file: "internal/clickhouse/errors.go",
			old:  "what, named(exception, columns))",
			new:  "what, named(exception, columns)+\": \"+exception.Message)",
			pkg:  integration, tests: []string{"TestPoisonIsolatesToTheEvent"},
		},
		refusal("too-many-parts", "ErrTooManyParts", "ClassOutage", "TestClickHouseRefuses/too_many_parts"),
		refusal("out-of-memory", "ErrMemoryLimitExceeded", "ClassOutage", "TestClickHouseRefuses/out_of_memory"),
		refusal("missing-table", "ErrUnknownTable", "ClassSetUp", "TestClickHouseRefuses/table_missing"),
		refusal("read-only", "ErrReadonly", "ClassSetUp", "TestClickHouseRefuses/read-only_account"),
		refusal("wrong-password", "ErrAuthenticationFailed", "ClassSetUp", "TestClickHouseRefuses/wrong_password"),
		refusal("full-disk", "ErrNotEnoughSpace", "ClassOutage", "TestDiskFull", "POLO_FAULTS=1"),
	}
}

// waits is the guarantee for every error that a retry can fix.
const waits = "no error but the rows' own sends a message to the dead-letter queue"

// refusal returns a mutant that classifies an error code as ClassRefused.
func refusal(name, code, class, test string, env ...string) mutant {
	return mutant{
		name: name + "-is-refusal", breaks: waits, file: "internal/clickhouse/causes.go",
		old: "{proto." + code + ", " + class + ",", new: "{proto." + code + ", ClassRefused,",
		pkg: faults, tests: []string{test}, env: env,
	}
}
