package main

// alertMutants break what alerts promise: nothing is silent, nothing told twice without the mark, and only a whole answer resolves.
func alertMutants() []mutant {
	const engine = "./alerts"
	return []mutant{
		{
			name: "unknown-resolves", breaks: "what is not known neither fires nor resolves",
			new: "case false:",
			pkg: engine, tests: []string{"TestTransitions", "TestOnlyAWholeAnswerResolves/not_judged"},
		},
		{
			name: "cut-answers-resolve", breaks: "what was cut off an answer is not gone",
			new: "if false {",
			pkg: engine, tests: []string{"TestOnlyAWholeAnswerResolves/a_cut_answer"},
		},
		{
			name: "claims-are-not-awaited", breaks: "a run looks for others after its own claim has arrived",
			old: "return arrived &&", new: "arrived = true; return",
			pkg: engine, tests: []string{"TestTwoRunsAtOnce"},
		},
		{
			name: "dead-runs-are-trusted", breaks: "after a run without an end, what is sent is marked",
			old: "unknown ||", new: "",
			pkg: engine, tests: []string{"TestKilledAtAnyStep"},
		},
		{
			name: "intended-is-forgotten", breaks: "what a killed run had begun to send is marked later, too",
			old: "known.Delivery == Intended ||", new: "",
			pkg: engine, tests: []string{"TestWhatAKilledRunSentIsMarkedLater/by_other_routes"},
		},
		{
			name: "ends-before-arrival", breaks: "who sees a run's end sees all that it did",
			old: "n >= o.Events", new: "n >= 0",
			pkg: engine, tests: []string{"TestTwoRunsAtOnce"},
		},
		{
			name: "lost-answers-are-none", breaks: "after an attempt that may have arrived, the next is marked",
			old: ", m.Repeated = true, true", new: " = true",
			pkg: engine, tests: []string{"TestChannelsThatFail"},
		},
		{
			name: "blind-at-every-interval", breaks: "an outage of the queue is no storm of messages",
			old: "== 1", new: "> 0",
			pkg: engine, tests: []string{"TestAnOutageOfTheConsumer"},
		},
		{
			name: "storms-are-told-one-by-one", breaks: "a storm is one message",
			old: "> mostGroups", new: "< 0",
			pkg: engine, tests: []string{"TestAStormIsOneMessage"},
		},
	}
}
