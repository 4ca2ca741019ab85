package main

// clusterMutants break what a cluster needs, as far as that shows without one.
func clusterMutants() []mutant {
	const schema, sink, lambda = "./schema", "./internal/clickhouse", "./consumer/lambda"
	return []mutant{
		{
			name: "shards-share-what-a-view-fills", breaks: "each shard's rows are taken, whatever the token of their insert",
			frozen: "schema/migrations/0008_account_states.sql",
			old:    `{{engine "account_states" "version"}}`, new: `{{global_engine "account_states" "version"}}`,
			pkg: schema, tests: []string{"TestViewsFillTablesOfTheirShard"}, says: "not each shard's own",
		},
		{
			name: "moved-accounts-stay", breaks: "a restated account has one statement after the upgrade",
			frozen: "schema/moves/0009_account_metadata.sql",
			old:    "DELETE WHERE source != 'by_hand' SETTINGS", new: "DELETE WHERE source = 'nobody' SETTINGS",
			pkg: schema, tests: []string{"TestAccountsAreMoved"}, says: "account_metadata holds",
		},
		{
			name: "first-server-alone", breaks: "where a server does not answer, the next is tried",
			new: "",
			pkg: sink, tests: []string{"TestSinkFailsOver"},
		},
		{
			name: "no-quorum-on-clusters", breaks: "an acknowledged row is on a majority of replicas",
			new: `quorum = ""`,
			pkg: lambda, tests: []string{"TestClusterSettings"},
		},
		{
			name: "token-with-a-quorum", breaks: "a retried block waits for its own quorum",
			new: `if quorum != "2" {`,
			pkg: sink, tests: []string{"TestQuorumHasNoToken"},
		},
	}
}
