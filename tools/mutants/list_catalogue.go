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
			new: "",
			pkg: catalogue, tests: []string{"TestOneKey", "TestOneKeyOfSeveralARNs"},
		},
		{
			name: "defaults-forgotten", breaks: "what a record leaves out is the service's default",
			old: "t.template.defaults[parameter]", new: `""`,
			pkg: catalogue, tests: []string{"TestBuild"},
		},
		{
			name: "parents-forgotten", breaks: "a resource under a parent that the request names is that parent's",
			old: "call.Anywhere(rule.members[parameter])", new: `""`,
			pkg: cloudtrail, tests: []string{"TestResourceActedOn"},
		},
		{
			name: "organisation-forgotten", breaks: "ancestors go on to the organisation",
			old: "append(slices.Clone(a.Units), a.Organisation)", new: "nil",
			pkg: producersUnit, tests: []string{"TestEmitKnowsTheOrganisation"},
		},
	}
}
