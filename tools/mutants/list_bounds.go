package main

// boundMutants break what bounds memory and letters.
func boundMutants() []mutant {
	return []mutant{
		{
			name: "bodies-stay-in-memory", breaks: "the local queue holds no bodies that its store has",
			file: "local/sqs/receive.go",
			old:  "\t\tif o.message != nil {\n",
			new:  "\t\tif false {\n",
			pkg:  localSQS, tests: []string{"TestBodiesAreNotHeldInMemory"}, says: "the server took",
		},
		{
			name: "file-is-looked-through", breaks: "a store that was closed is opened without reading all of it",
			file: "local/sqs/store.go",
			old:  "\ts.leaveFreelist()\n",
			new:  "",
			pkg:  localSQS, tests: []string{"TestBodiesAreNotHeldInMemory"}, says: "to start with a full queue",
		},
	}
}
