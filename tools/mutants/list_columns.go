package main

// columnMutants break the handling of a bill's columns, and of cost groupings.
func columnMutants() []mutant {
	const cur = "./producers/cur"
	return append(viewMutants(), []mutant{
		{
			name: "one-id-is-one-line", breaks: "each row of a delivery is a line of its own",
			old: ", strconv.FormatInt(r.number, 10)", new: "",
			pkg: cur, tests: []string{"TestEqualLines", "TestRepetitions/two_tiers_under_one_id,_in_one_file"},
		},
		{
			name: "assemblies-add-up", breaks: "of several deliveries without a manifest one counts",
			new: "var chosen []delivery; var left []Skipped; rest := loose",
			pkg: cur, tests: []string{"TestPlan/two_assemblies_without_a_manifest"},
		},
		{
			name: "unknown-columns-dropped", breaks: "a column that is not known is a property, and named",
			new: "return -1",
			pkg: cur, tests: []string{"TestUnknownColumns/every_spelling", "TestUnknownColumnsAreCounted"},
		},
		{
			name: "unknown-column-moves-a-line", breaks: "a column that is not known means nothing to the tables",
			new: `if key == "" {`,
			pkg: cur, tests: []string{"TestUnknownColumns/reserved_properties"},
		},
		{
			name: "account-tags-name-customers", breaks: "an account's tags do not set a resource's owner",
			new: "key = rest",
			pkg: cur, tests: []string{"TestTagsOfOneMap/CUR_2.0", "TestTagsOfOneMap/FOCUS"},
		},
		{
			name: "lost-digits-padded", breaks: "an account id that lost digits is refused",
			old: "shift > len(fraction) ||", new: "shift = min(shift, len(fraction));",
			pkg: cur, tests: []string{"TestAccounts"},
		},
		{
			name: "every-unit-is-a-currency", breaks: "only ISO 4217 codes are currencies",
			new: `if code == "" {`,
			pkg: cur, tests: []string{"TestCurrencies"},
		},
		{
			name: "all-bills-are-AWS", breaks: "a line has the source of the provider that bills it",
			old: `platform + ".cost"`, new: "Source",
			pkg: cur, tests: []string{"TestProviders/Azure", "TestProvidersOfOnePayer"},
		},
		{
			name: "completion-of-another-source", breaks: "a bill's completion has the source of its lines",
			new: "e.AccountID = b.PayerAccount",
			pkg: cur, tests: []string{"TestProviders/Google"},
		},
	}...)
}

// viewMutants break what keeps money that is stated in several ways from counting
// several times.
func viewMutants() []mutant {
	const recorded = "./producers/recorded"
	return []mutant{
		{
			name: "every-grouping-is-costs", breaks: "only one of a day's groupings counts as costs",
			new: "_ = view",
			pkg: recorded, tests: []string{"TestOneDayInManyGroupings", "TestWhichGroupingCounts"},
		},
		{
			name: "groupings-of-two-runs-add-up", breaks: "a grouping that counts replaces another run's for its days",
			old: "== 0", new: ">= 0",
			pkg: recorded, tests: []string{"TestOneDayInManyGroupings", "TestRecordedCompletions"},
		},
		{
			name: "last-run-counts", breaks: "which grouping counts does not depend on the order of runs",
			new: "return r.ObservedAt",
			pkg: recorded, tests: []string{"TestOneDayInManyGroupings"},
		},
		{
			name: "a-month-is-a-day", breaks: "a period of several days counts on none of them",
			new: "func withinDay(from, to time.Time) bool { return from.Before(to) }",
			pkg: recorded, tests: []string{"TestOneDayInManyGroupings"},
		},
	}
}
