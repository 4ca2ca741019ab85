package main

// redactMutants leave out redaction at one place on the way to storage.
func redactMutants() []mutant {
	return []mutant{
		{
			name: "publisher-keeps-secrets", breaks: "no event is published with a secret",
			file: "producers/publisher.go",
			old:  "redact.Suspect(line)",
			new:  "false && redact.Suspect(line)",
			pkg:  "./producers", tests: []string{"TestPublishesNoSecret"},
		},
		{
			name: "letters-keep-secrets", breaks: "no letter holds a secret",
			file: "internal/queue/record.go",
			old:  "\treturn f.WithoutSecrets().message(maxSize)\n",
			new:  "\treturn f.message(maxSize)\n",
			pkg:  "./internal/queue", tests: []string{"TestManyPlacesFit"},
		},
		{
			name: "letters-are-cut-before", breaks: "a letter is cut after its secrets are taken out",
			file: "internal/queue/record.go",
			old:  "\tf = f.WithoutSecrets() // redact first: a cut may remove what identifies a secret\n",
			new:  "",
			pkg:  "./internal/queue", tests: []string{"TestLettersHoldNoSecret/packed"},
		},
		{
			name: "packs-keep-secrets", breaks: "a letter that keeps a pack keeps none of its secrets",
			file: "consumer/deadletters.go",
			old:  "\td.redactPacks()\n",
			new:  "",
			pkg:  "./consumer", tests: []string{"TestLettersOfPacksHoldNoSecret/many", "TestLettersOfPacksHoldNoSecret/its_batch_id_does_not_fit"},
		},
		{
			name: "records-keep-secrets", breaks: "CloudTrail's records are redacted",
			file: "producers/cloudtrail/normaliser.go",
			old:  "\tr.withoutSecrets(kept.callers)\n",
			new:  "",
			pkg:  "./producers/cloudtrail", tests: []string{"TestSecretsReachNoEvent"},
		},
		{
			name: "show-tells-secrets", breaks: "a letter that is older than redaction is shown without its secrets",
			file: "dlq-replay/letterview.go",
			old:  "l := letter.WithoutSecrets()",
			new:  "l := *letter",
			pkg:  "./dlq-replay", tests: []string{"TestOldSecretsAreNotShown", "TestOldSecretsAreTakenOut"},
		},
		{
			name: "edit-tells-secrets", breaks: "a letter from before redaction is corrected redacted",
			file: "dlq-replay/correct.go",
			old:  "l := letter.WithoutSecrets()",
			new:  "l := letter",
			pkg:  "./dlq-replay", tests: []string{"TestOldSecretsAreNotShown"},
		},
		{
			name: "siblings-name-nothing", breaks: "a value is secret by the name beside it",
			file: "internal/redact/json.go",
			old:  "\tif f.named {\n",
			new:  "\tif false {\n",
			pkg:  "./internal/redact", tests: []string{"TestSecretsAreRedacted/name_and_value"},
		},
	}
}
