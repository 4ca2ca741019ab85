package main

// redactMutants leave out redaction at one place on the way to storage.
func redactMutants() []mutant {
	return []mutant{
		{
			name: "publisher-keeps-secrets", breaks: "no event is published with a secret",
			old: "redact.Suspect(line)", new: "false && redact.Suspect(line)",
			pkg: "./producers", tests: []string{"TestPublishesNoSecret"},
		},
		{
			name: "letters-keep-secrets", breaks: "no letter holds a secret",
			old: "f.WithoutSecrets()", new: "f",
			pkg: "./internal/queue", tests: []string{"TestManyPlacesFit"},
		},
		{
			name: "letters-are-cut-before", breaks: "a letter is cut after its secrets are taken out",
			new: "",
			pkg: "./internal/queue", tests: []string{"TestLettersHoldNoSecret/packed"},
		},
		{
			name: "packs-keep-secrets", breaks: "a letter that keeps a pack keeps none of its secrets",
			new: "",
			pkg: "./consumer", tests: []string{"TestLettersOfPacksHoldNoSecret/many", "TestLettersOfPacksHoldNoSecret/its_batch_id_does_not_fit"},
		},
		{
			name: "records-keep-secrets", breaks: "CloudTrail's records are redacted",
			new: "",
			pkg: "./producers/cloudtrail", tests: []string{"TestSecretsReachNoEvent"},
		},
		{
			name: "show-tells-secrets", breaks: "a letter that is older than redaction is shown without its secrets",
			old: "letter.WithoutSecrets()", new: "*letter",
			pkg: "./dlq-replay", tests: []string{"TestOldSecretsAreNotShown", "TestOldSecretsAreTakenOut"},
		},
		{
			name: "edit-tells-secrets", breaks: "a letter from before redaction is corrected redacted",
			old: "letter.WithoutSecrets()", new: "letter",
			pkg: "./dlq-replay", tests: []string{"TestOldSecretsAreNotShown"},
		},
		{
			name: "siblings-name-nothing", breaks: "a value is secret by the name beside it",
			new: "if false {",
			pkg: "./internal/redact", tests: []string{"TestSecretsAreRedacted/name_and_value"},
		},
	}
}
