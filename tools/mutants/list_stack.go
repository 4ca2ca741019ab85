package main

// stackMutants open the embedded stack to the machine that it runs on.
func stackMutants() []mutant {
	return []mutant{
		{
			name: "door-of-http-knows-names-alone", breaks: "the HTTP door asks for the password",
			old: "!known.admit(u)", new: `known[u.Name] == ""`,
			pkg: localEngine, tests: []string{"TestHTTPDoorAuthenticates"}, says: "password",
		},
		{
			name: "door-of-native-open", breaks: "the native door authenticates before the engine sees a byte",
			new: "case false:",
			pkg: localEngine, tests: []string{"FuzzNativeRelay"}, says: "the engine saw",
		},
		{
			name: "headers-dropped-on-the-way", breaks: "a client cannot have its account dropped behind the HTTP door",
			old: "userHeader", new: `"X-Nobody"`,
			pkg: localEngine, tests: []string{"TestHTTPDoorAuthenticates"}, says: "status",
		},
		{
			name: "length-believed", breaks: "a length before login is bounded",
			new: "if false {",
			pkg: localEngine, tests: []string{"FuzzGreeting"},
		},
		{
			name: "pages-let-in", breaks: "a web page can use no port of the stack",
			new: "if false {",
			pkg: localStack, tests: []string{"TestQueueIsClosedToWebPages"}, says: "status",
		},
		{
			name: "engine-can-be-told-to-stop-listening", breaks: "no account can close the engine's ports",
			old: "SYSTEM LISTEN, ", new: "",
			pkg: localEngine, tests: []string{"TestEngineIsClosedBehindTheDoors"}, says: "allowed",
		},
		{
			name: "default-has-sessions", breaks: "the account without a password is refused on the engine's own port",
			old: "<max_sessions_for_user>1</max_sessions_for_user>", new: "",
			pkg: localEngine, tests: []string{"TestDefaultAccountIsRefused"}, says: "is accepted",
		},
		{
			name: "damaged-queue-trusted", breaks: "a damaged file of the queues is an error that says what to do",
			old: "checkFile(path)", new: "error(nil)",
			pkg: localSQS, tests: []string{"TestDamagedStoreIsRefused"},
		},
		{
			name: "accounts-without-passwords", breaks: "accounts without passwords are refused",
			old: `(u.Name == "" || u.Password == "")`, new: `u.Name == "nobody"`,
			pkg: localEngine, tests: []string{"TestDamagedAccountsAreRefused"},
		},
		{
			name: "engine-stays-down", breaks: "an engine that stops listening is restarted",
			new: "if false {",
			pkg: localEngine, tests: []string{"TestEngineThatStopsListeningIsRestarted"}, says: "not restarted",
		},
		{
			name: "engine-started-for-ever", breaks: "an engine that cannot be restarted is given up",
			new: "if false {",
			pkg: localEngine, tests: []string{"TestEngineIsGivenUp"}, says: "not given up",
		},
		{
			name: "engine-reads-the-machine", breaks: "the engine reads no file outside its data directory",
			old: "o.Library: readFile,", new: `o.Library: readFile, "/etc": readTree, "/proc": readTree,`,
			pkg: localEngine, tests: []string{"TestEngineIsFenced"}, says: "answered",
		},
		{
			name: "engine-calls-out", breaks: "the engine reaches nothing over the network, and nobody reaches it but through its doors",
			new: "return []isolation{{detached(), true}}",
			pkg: localEngine, tests: []string{"TestEnginesPortsAreItsOwn"}, says: "is open",
		},
	}
}
