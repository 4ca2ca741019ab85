package main

// stackMutants open the embedded stack to the machine that it runs on.
func stackMutants() []mutant {
	return []mutant{
		{
			name: "door-of-http-knows-names-alone", breaks: "the HTTP door asks for the password",
			file: "local/chdb/web.go",
			old:  "err != nil || !known.admit(u)",
			new:  "err != nil || known[u.Name] == \"\"",
			pkg:  localEngine, tests: []string{"TestHTTPDoorAuthenticates"}, says: "password",
		},
		{
			name: "door-of-native-open", breaks: "the native door authenticates before the engine sees a byte",
			file: "local/chdb/greeting.go",
			old:  "case !d.known.admit(g.user):",
			new:  "case false:",
			pkg:  localEngine, tests: []string{"FuzzNativeRelay"}, says: "the engine saw",
		},
		{
			name: "headers-dropped-on-the-way", breaks: "a client cannot have its account dropped behind the HTTP door",
			file: "local/chdb/web.go",
			old:  "\t\t\tr.Out.Header.Set(userHeader, u.Name)\n",
			new:  "\t\t\tr.Out.Header.Set(\"X-Nobody\", u.Name)\n",
			pkg:  localEngine, tests: []string{"TestHTTPDoorAuthenticates"}, says: "status",
		},
		{
			name: "length-believed", breaks: "a length before login is bounded",
			file: "local/chdb/greeting.go",
			old:  "if n > greetingWord {",
			new:  "if false {",
			pkg:  localEngine, tests: []string{"FuzzGreeting"},
		},
		{
			name: "pages-let-in", breaks: "a web page can use no port of the stack",
			file: "local/loopback/guard.go",
			old:  "\t\tif _, ok := r.Header[name]; ok {\n",
			new:  "\t\tif false {\n",
			pkg:  localStack, tests: []string{"TestQueueIsClosedToWebPages"}, says: "status",
		},
		{
			name: "engine-can-be-told-to-stop-listening", breaks: "no account can close the engine's ports",
			file: "local/chdb/config.go",
			old:  "REVOKE SYSTEM LISTEN, ",
			new:  "REVOKE ",
			pkg:  localEngine, tests: []string{"TestEngineIsClosedBehindTheDoors"}, says: "allowed",
		},
		{
			name: "default-has-sessions", breaks: "the account without a password is refused on the engine's own port",
			file: "local/chdb/config.go",
			old:  "<max_sessions_for_user>1</max_sessions_for_user>",
			new:  "",
			pkg:  localEngine, tests: []string{"TestDefaultAccountIsRefused"}, says: "is let in",
		},
		{
			name: "damaged-queue-trusted", breaks: "a damaged file of the queues is an error that says what to do",
			file: "local/sqsserver/store.go",
			old:  "if err := checkFile(path); err != nil {",
			new:  "if err := error(nil); err != nil {",
			pkg:  localSQS, tests: []string{"TestDamagedStoreIsRefused"},
		},
		{
			name: "accounts-without-passwords", breaks: "accounts without passwords are refused",
			file: "local/chdb/config.go",
			old:  "err == nil && (u.Name == \"\" || u.Password == \"\")",
			new:  "err == nil && u.Name == \"nobody\"",
			pkg:  localEngine, tests: []string{"TestDamagedAccountsAreRefused"},
		},
		{
			name: "engine-stays-down", breaks: "an engine that stops listening is restarted",
			file: "local/chdb/supervise.go",
			old:  "if failures == maxUnanswered {",
			new:  "if false {",
			pkg:  localEngine, tests: []string{"TestEngineThatStopsListeningIsRestarted"}, says: "not restarted",
		},
		{
			name: "engine-started-for-ever", breaks: "an engine that cannot be restarted is given up",
			file: "local/chdb/supervise.go",
			old:  "if starts == maxRestarts {",
			new:  "if false {",
			pkg:  localEngine, tests: []string{"TestEngineIsGivenUp"}, says: "not given up",
		},
		{
			name: "engine-reads-the-machine", breaks: "the engine reads no file outside its data directory",
			file: "local/chdb/fence_linux.go",
			old:  "\t\to.Data: writeTree, o.Library: readFile,\n",
			new:  "\t\to.Data: writeTree, o.Library: readFile, \"/etc\": readTree, \"/proc\": readTree,\n",
			pkg:  localEngine, tests: []string{"TestEngineIsFenced"}, says: "answered",
		},
		{
			name: "engine-calls-out", breaks: "the engine reaches nothing over the network, and nobody reaches it but through its doors",
			file: "local/chdb/fence_linux.go",
			old:  "return []isolation{{own, true}, {user, true}, {detached(), false}}",
			new:  "return []isolation{{detached(), true}}",
			pkg:  localEngine, tests: []string{"TestEnginesPortsAreItsOwn"}, says: "is open",
		},
	}
}
