package main

// catalogueMutants break what makes a resource's key one, whoever tells of it.
func catalogueMutants() []mutant {
	const (
		catalogue  = "./producers/awscatalog"
		cloudtrail = "./producers/cloudtrail"
	)
	return []mutant{
		{
			name: "account-in-every-arn", breaks: "an ARN has the form that its type has",
			file: "producers/awscatalog/describe.go",
			old:  "\t\t\ta.AccountID = \"\"\n",
			new:  "",
			pkg:  catalogue, tests: []string{"TestOneKey", "TestOneKeyOfSeveralARNs"},
		},
		{
			name: "defaults-forgotten", breaks: "what a record leaves out is the service's default",
			file: "producers/awscatalog/build.go",
			old:  "\treturn t.template.defaults[parameter]\n",
			new:  "\treturn \"\"\n",
			pkg:  catalogue, tests: []string{"TestBuild"},
		},
		{
			name: "parents-forgotten", breaks: "a resource under a parent that the request names is that parent's",
			file: "producers/cloudtrail/resolve/rule.go",
			old:  "\t\tvalue := call.Anywhere(rule.members[parameter])\n",
			new:  "\t\tvalue := \"\"\n",
			pkg:  cloudtrail, tests: []string{"TestResourceActedOn"},
		},
		{
			name: "organisation-forgotten", breaks: "ancestors go on to the organisation",
			file: "producers/run.go",
			old:  "\t\t\tr.units[a.ID] = append(slices.Clone(a.Units), a.Organisation)\n",
			new:  "\t\t\tr.units[a.ID] = nil\n",
			pkg:  producersUnit, tests: []string{"TestEmitKnowsTheOrganisation"},
		},
	}
}
