package main

// columnMutants break the handling of a bill's columns, and of cost groupings.
func columnMutants() []mutant {
	const cur = "./producers/cur"
	return append(viewMutants(), []mutant{
		{
			name: "one-id-is-one-line", breaks: "each row of a delivery is a line of its own",
			file: "producers/cur/identity.go",
			old:  "id.file, strconv.FormatInt(r.number, 10))",
			new:  "id.file)",
			pkg:  cur, tests: []string{"TestEqualLines", "TestRepetitions/two_tiers_under_one_id,_in_one_file"},
		},
		{
			name: "assemblies-add-up", breaks: "of several deliveries without a manifest one counts",
			file: "producers/cur/plan.go",
			old:  "\tchosen, rest, left := assemblies(loose)\n",
			new:  "\tvar chosen []delivery\n\tvar left []Skipped\n\trest := loose\n",
			pkg:  cur, tests: []string{"TestPlan/two_assemblies_without_a_manifest"},
		},
		{
			name: "unknown-columns-dropped", breaks: "a column that is not known is a property, and named",
			file: "producers/cur/layout.go",
			old:  "\tl.unknown = append(l.unknown, unknownColumn{slot: slot})\n\treturn l.add(name, formText)\n",
			new:  "\treturn -1\n",
			pkg:  cur, tests: []string{"TestUnknownColumns/every_spelling", "TestUnknownColumnsAreCounted"},
		},
		{
			name: "unknown-column-moves-a-line", breaks: "a column that is not known means nothing to the tables",
			file: "producers/cur/unknown.go",
			old:  "\t\tif reserved[key] {\n",
			new:  "\t\tif key == \"\" {\n",
			pkg:  cur, tests: []string{"TestUnknownColumns/reserved_properties"},
		},
		{
			name: "account-tags-name-customers", breaks: "an account's tags do not set a resource's owner",
			file: "producers/cur/tags.go",
			old:  "\t\t\tto, key = &s.account, rest\n",
			new:  "\t\t\tkey = rest\n",
			pkg:  cur, tests: []string{"TestTagsOfOneMap/CUR_2.0", "TestTagsOfOneMap/FOCUS"},
		},
		{
			name: "lost-digits-padded", breaks: "an account id that lost digits is refused",
			file: "producers/cur/account.go",
			old:  "\tif shift > len(fraction) || strings",
			new:  "\tshift = min(shift, len(fraction))\n\tif strings",
			pkg:  cur, tests: []string{"TestAccounts"},
		},
		{
			name: "every-unit-is-a-currency", breaks: "only ISO 4217 codes are currencies",
			file: "envelope/currency.go",
			old:  "\tif len(code) != 3 || strings.ContainsRune(code, ' ') || !strings.Contains(currencies, \" \"+code+\" \") {\n",
			new:  "\tif code == \"\" {\n",
			pkg:  cur, tests: []string{"TestCurrencies"},
		},
		{
			name: "all-bills-are-AWS", breaks: "a line has the source of the provider that bills it",
			file: "producers/cur/service.go",
			old:  "\treturn platform + \".cost\"\n",
			new:  "\treturn Source\n",
			pkg:  cur, tests: []string{"TestProviders/Azure", "TestProvidersOfOnePayer"},
		},
		{
			name: "completion-of-another-source", breaks: "a bill's completion has the source of its lines",
			file: "producers/bill.go",
			old:  "\te.Source, e.Platform, e.AccountID = b.Source, PlatformOf(b.Source), b.PayerAccount\n",
			new:  "\te.AccountID = b.PayerAccount\n",
			pkg:  cur, tests: []string{"TestProviders/Google"},
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
			file: "producers/costexplorer/choice.go",
			old:  "\t\t\tviews++\n\t\t\t*e = view.Events[i]\n",
			new:  "\t\t\tviews++\n\t\t\t_ = view\n",
			pkg:  recorded, tests: []string{"TestOneDayInManyGroupings", "TestWhichGroupingCounts"},
		},
		{
			name: "groupings-of-two-runs-add-up", breaks: "a grouping that counts replaces another run's for its days",
			file: "producers/recorded/costs.go",
			old:  "\tif len(ends) == 0 {\n",
			new:  "\tif len(ends) >= 0 {\n",
			pkg:  recorded, tests: []string{"TestOneDayInManyGroupings", "TestRecordedCompletions"},
		},
		{
			name: "last-run-counts", breaks: "which grouping counts does not depend on the order of runs",
			file: "producers/costexplorer/choice.go",
			old:  "\treturn r.ObservedAt.Add(time.Duration(rankOf(keyOf(r, got))) * time.Second)\n",
			new:  "\treturn r.ObservedAt\n",
			pkg:  recorded, tests: []string{"TestOneDayInManyGroupings"},
		},
		{
			name: "a-month-is-a-day", breaks: "a period of several days counts on none of them",
			file: "producers/costexplorer/choice.go",
			old:  "func withinDay(from, to time.Time) bool { return !to.After(from.Truncate(day).Add(day)) }",
			new:  "func withinDay(from, to time.Time) bool { return from.Before(to) }",
			pkg:  recorded, tests: []string{"TestOneDayInManyGroupings"},
		},
	}
}
