package main

// consumerMutants break the consumer's guarantees for a message: it is deleted only
// when all of it is safe, and given up only when it is itself at fault.
func consumerMutants() []mutant {
	return []mutant{
		{
			name: "outage-fails-items-only", breaks: "an outage fails the whole invocation, which makes Lambda back off",
			new: "if len(messages) == 0 {",
			pkg: faults, tests: []string{"TestLambdaOutage"}, says: "did not back off",
		},
		{
			name: "done-before-outage-stays", breaks: "what was done before an outage is deleted, and its failures are not sent again",
			new: "if len(messages) > 0 {",
			pkg: unit + "/lambda", tests: []string{"TestMessagesDoneBeforeAnOutageAreDeleted"},
		},
		{
			name: "letters-hold-up-portions", breaks: "a dead-letter queue out of reach holds up no good event",
			new: "return err",
			pkg: unit, tests: []string{"TestUnsentLettersDelayNoPortion"},
		},
		{
			name: "dense-packs-kept", breaks: "dense packs leave no more memory behind than a portion takes",
			old: "2*portion", new: "200*portion",
			pkg: unit, tests: []string{"TestMemoryOfDenseMessagesIsFreed"},
		},
		{
			name: "decoded-all-at-once", breaks: "dense messages are decoded by portions, within the function's memory",
			old: "64<<20", new: "64<<30",
			pkg: faults, tests: []string{"TestLambdaTakesDenseBatches"},
		},
		{
			name: "deleted-before-inserted", breaks: "a message is deleted only when all of it is safe",
			// Delete one message of each batch, so that work is left for the consumers
			// that are to be killed.
			new: "_ = queue.DeleteAll(ctx, d.cfg.Queue, []string{batch[len(batch)-1].Receipt}, queue.Retry{}); report, err := d.process(ctx, batch, started)",
			pkg: faults, tests: []string{"TestConsumerIsKilled/before_insert", "TestConsumerIsKilledWhileItSendsFailures"},
		},
		{
			name: "last-try-counts-as-done", breaks: "an insert that failed to the last try leaves its messages on the queue",
			new: "return nil",
			pkg: faults, tests: []string{"TestNetworkToClickHouse/refused_for_a_while"},
		},
		{
			name: "batch-keeps-older", breaks: "of two statements in one batch the later observed wins",
			new: "case x.version < y.version:",
			pkg: faults, tests: []string{"TestDuplicateStorm"},
		},
		{
			name: "version-is-arrival", breaks: "a statement that comes later is not a later statement",
			old: "line.Event.ObservedAt", new: "p.cfg.Now()",
			pkg: faults, tests: []string{"TestVisibilityExpiresInMidFlight", "TestQueueFaults/the_acknowledge_is_lost", "TestLambdaDrainsThroughPartialFailures"},
		},
		{
			name: "transient-send-counts-as-sent", breaks: "a message stays until the dead-letter queue has its failures",
			new: "if f.Permanent { lost[f.Index] = f.Err }",
			pkg: faults, tests: []string{"TestDeadLetterQueueIsOutOfReach"},
		},
		{
			name: "reason-of-version-forgotten", breaks: "a failure has its own reason",
			new: "case false:",
			pkg: faults, tests: []string{"TestPoisonStorm"},
		},
		{
			name: "failures-once-per-batch", breaks: "every failure of a batch is told",
			new: "if len(out) < 10 { out, of = append(out, m), append(of, i) }",
			pkg: faults, tests: []string{"TestPoisonStorm"},
		},
		{
			name: "bad-event-let-in", breaks: "an event that breaks a rule is told, and lands nowhere",
			old: "err != nil", new: "err != nil && len(pack.Lines) == 1",
			pkg: integration, tests: []string{"TestCorruption"},
		},
		{
			name: "refused-block-not-halved", breaks: "one refused row keeps no other from landing",
			old: "== 1", new: "<= 10",
			pkg: integration, tests: []string{"TestPoisonIsolatesToTheEvent"},
		},
		{
			name: "crash-alone-not-counted", breaks: "a message that crashes the process alone three times is given up",
			new: "s.Alone = 1",
			pkg: faults, tests: []string{"TestMessageThatCrashesTheConsumer"},
		},
		{
			name: "given-up-at-first-crash", breaks: "a message is given up after three crashes alone, and no sooner",
			new: "maxAlone = 1",
			pkg: faults, tests: []string{"TestMessageThatCrashesTheConsumer"},
		},
		{
			name: "panic-blames-batch", breaks: "a panic affects only the message that causes it",
			old: "> 1", new: "> 10",
			pkg: unit, tests: []string{"TestPanicAffectsOneMessage"},
		},
		{
			name: "panic-not-recovered", breaks: "a panic does not take the process down",
			new: "",
			pkg: unit, tests: []string{"TestPanicAffectsOneMessage"},
		},
		{
			name: "breaker-never-opens", breaks: "hardly any receives while ClickHouse is out",
			new: "case outage && probe:",
			pkg: unit, tests: []string{"TestDrainStopsReceivingInAnOutage"},
		},
		{
			name: "breaker-never-closes", breaks: "a drain speeds up again after an outage",
			new: "b.wait /= 2",
			pkg: unit, tests: []string{"TestDrainStopsReceivingInAnOutage"},
		},
		{
			name: "outage-saves-everything", breaks: "only messages near their retention go to the dead-letter queue",
			old: "retention*9/10", new: "retention/10",
			pkg: unit, tests: []string{"TestMessagesNearRetentionAreDeadLetteredInAnOutage"},
		},
		{
			name: "unknown-retention-saves-nothing", breaks: "a queue that cannot be asked loses no message in an outage",
			old: "standardRetention", new: "0",
			pkg: unit + "/lambda", tests: []string{"TestRetentionIsLearnt"},
		},
		{
			name: "retention-not-asked", breaks: "the consumer knows its queue's retention",
			new: "if h.retention == nil {",
			pkg: unit + "/lambda", tests: []string{"TestRetentionIsLearnt"},
		},
		{
			name: "no-time-to-save", breaks: "messages near their retention are saved when the call's time is up",
			old: "context.WithoutCancel(ctx)", new: "ctx",
			pkg: unit, tests: []string{"TestMessagesNearRetentionAreDeadLetteredInAnOutage"},
		},
	}
}
