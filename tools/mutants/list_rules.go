package main

// ruleMutants break rules: what they believe, and what is told of violations.
func ruleMutants() []mutant {
	return []mutant{
		{
			name: "refused-scans-are-believed", breaks: "an absence is not believed once the scan of it was refused",
			new: "WHERE true",
			pkg: localRules, tests: []string{"TestRules"}, says: "refused",
		},
		{
			name: "conditions-narrow-nothing", breaks: "a statement with a condition that narrows it is not open",
			old: "NOT arrayExists(", new: "arrayExists(",
			pkg: localRules, tests: []string{"TestRules"}, says: "sns_policy_open",
		},
		{
			name: "notes-count-twice", breaks: "an answer that two servers noted counts once",
			old: "i = 1 OR t.2 != noted[i - 1].2", new: "true",
			pkg: localRules, tests: []string{"TestRules"}, says: "noted twice",
		},
		{
			name: "absent-settings-were-read", breaks: "a bucket without a policy differs from one whose policy was refused",
			new: "if false {",
			pkg: localRules, tests: []string{"TestRules"}, says: "s3_unencrypted",
		},
	}
}
