package main

// consumerMutants break the consumer's guarantees for a message: it is deleted only
// when all of it is safe, and given up only when it is itself at fault.
func consumerMutants() []mutant {
	return []mutant{
		{
			name: "outage-fails-items-only", breaks: "an outage fails the whole invocation, which makes Lambda back off",
			file: "consumer/lambda/handler.go",
			old:  "\t\tif !slices.Contains(report.Verdicts, consumer.Ack) {\n",
			new:  "\t\tif len(messages) == 0 {\n",
			pkg:  faults, tests: []string{"TestLambdaOutage"}, says: "did not back off",
		},
		{
			name: "done-before-outage-stays", breaks: "what was done before an outage is deleted, and its failures are not sent again",
			file: "consumer/lambda/handler.go",
			old:  "\t\tif !slices.Contains(report.Verdicts, consumer.Ack) {\n",
			new:  "\t\tif len(messages) > 0 {\n",
			pkg:  unit + "/lambda", tests: []string{"TestMessagesDoneBeforeAnOutageAreDeleted"},
		},
		{
			name: "letters-hold-up-portions", breaks: "a dead-letter queue out of reach holds up no good event",
			file: "consumer/consumer.go",
			old:  "\t\t\treport.unsent = err\n",
			new:  "\t\t\treturn err\n",
			pkg:  unit, tests: []string{"TestUnsentLettersDelayNoPortion"},
		},
		{
			name: "dense-packs-kept", breaks: "dense packs leave no more memory behind than a portion takes",
			file: "consumer/scratch.go",
			old:  "\tif held > 2*portion {\n",
			new:  "\tif held > 200*portion {\n",
			pkg:  unit, tests: []string{"TestMemoryOfDenseMessagesIsFreed"},
		},
		{
			name: "decoded-all-at-once", breaks: "dense messages are decoded by portions, within the function's memory",
			file: "consumer/consumer.go",
			old:  "setDefault(&cfg.Portion, 64<<20)",
			new:  "setDefault(&cfg.Portion, 64<<30)",
			pkg:  faults, tests: []string{"TestLambdaTakesDenseBatches"},
		},
		{
			name: "deleted-before-inserted", breaks: "a message is deleted only when all of it is safe",
			file: "consumer/drain.go",
			old:  "\treport, err := d.process(ctx, batch, started)\n",
			// Delete one message of each batch, so that work is left for the consumers
			// that are to be killed.
			new: `	_ = queue.DeleteAll(ctx, d.cfg.Queue, []string{batch[len(batch)-1].Receipt}, queue.Retry{})
	report, err := d.process(ctx, batch, started)
`,
			pkg: faults, tests: []string{"TestConsumerIsKilled/before_insert", "TestConsumerIsKilledWhileItSendsFailures"},
		},
		{
			name: "last-try-counts-as-done", breaks: "an insert that failed to the last try leaves its messages on the queue",
			file: "consumer/insert.go",
			old:  "\t\t\treturn fmt.Errorf(\"inserting %d rows: %w\", len(block), err)\n",
			new:  "\t\t\treturn nil\n",
			pkg:  faults, tests: []string{"TestNetworkToClickHouse/refused_for_a_while"},
		},
		{
			name: "batch-keeps-older", breaks: "of two statements in one batch the later observed wins",
			file: "consumer/portion.go",
			old:  "\t\tcase x.version > y.version:\n\t\t\treturn -1\n\t\tcase x.version < y.version:\n\t\t\treturn 1\n",
			new:  "\t\tcase x.version > y.version:\n\t\t\treturn 1\n\t\tcase x.version < y.version:\n\t\t\treturn -1\n",
			pkg:  faults, tests: []string{"TestDuplicateStorm"},
		},
		{
			name: "version-is-arrival", breaks: "a statement that comes later is not a later statement",
			file: "consumer/portion.go",
			old:  "envelope.RowVersion(line.Event.ObservedAt, line.Raw)",
			new:  "envelope.RowVersion(p.cfg.Now(), line.Raw)",
			pkg:  faults, tests: []string{"TestVisibilityExpiresInMidFlight", "TestUnkindQueue/the_acknowledge_is_lost", "TestLambdaDrainsThroughPartialFailures"},
		},
		{
			name: "transient-send-counts-as-sent", breaks: "a message stays until the dead-letter queue has its failures",
			file: "consumer/deadletters.go",
			old:  "\t\t\tlost[f.Index] = f.Err\n",
			new:  "\t\t\tif f.Permanent {\n\t\t\t\tlost[f.Index] = f.Err\n\t\t\t}\n",
			pkg:  faults, tests: []string{"TestDeadLetterQueueIsOutOfReach"},
		},
		{
			name: "reason-of-version-forgotten", breaks: "a failure has its own reason",
			file: "consumer/portion.go",
			old:  "\tcase errors.Is(err, envelope.ErrVersion):\n\t\treturn queue.ReasonUnsupportedVersion\n",
			new:  "",
			pkg:  faults, tests: []string{"TestPoisonStorm"},
		},
		{
			name: "failures-once-per-batch", breaks: "every failure of a batch is told",
			file: "consumer/deadletters.go",
			old:  "\t\tout, of = append(out, m), append(of, i)\n",
			new:  "\t\tif len(out) < 10 {\n\t\t\tout, of = append(out, m), append(of, i)\n\t\t}\n",
			pkg:  faults, tests: []string{"TestPoisonStorm"},
		},
		{
			name: "bad-event-let-in", breaks: "an event that breaks a rule is told, and lands nowhere",
			file: "consumer/portion.go",
			old:  "if err := line.Event.Validate(); err != nil {",
			new:  "if err := line.Event.Validate(); err != nil && len(pack.Lines) == 1 {",
			pkg:  integration, tests: []string{"TestCorruption"},
		},
		{
			name: "refused-block-not-halved", breaks: "one refused row keeps no other from landing",
			file: "consumer/insert.go",
			old:  "\t\tcase len(block) == 1:\n",
			new:  "\t\tcase len(block) <= 10:\n",
			pkg:  integration, tests: []string{"TestPoisonIsolatesToTheEvent"},
		},
		{
			name: "crash-alone-not-counted", breaks: "a message that crashes the process alone three times is given up",
			file: "consumer/crashlog.go",
			old:  "\t\t\ts.Alone++\n",
			new:  "\t\t\ts.Alone = 1\n",
			pkg:  faults, tests: []string{"TestMessageThatCrashesTheConsumer"},
		},
		{
			name: "given-up-at-first-crash", breaks: "a message is given up after three crashes alone, and no sooner",
			file: "consumer/crashlog.go",
			old:  "\tmaxAlone = 3\n",
			new:  "\tmaxAlone = 1\n",
			pkg:  faults, tests: []string{"TestMessageThatCrashesTheConsumer"},
		},
		{
			name: "panic-blames-batch", breaks: "a panic affects only the message that causes it",
			file: "consumer/consumer.go",
			old:  "\tif len(messages) > 1 {\n",
			new:  "\tif len(messages) > 10 {\n",
			pkg:  unit, tests: []string{"TestPanicAffectsOneMessage"},
		},
		{
			name: "panic-not-recovered", breaks: "a panic does not take the process down",
			file: "consumer/portion.go",
			old:  "\tdefer recovered(&err)\n",
			new:  "",
			pkg:  unit, tests: []string{"TestPanicAffectsOneMessage"},
		},
		{
			name: "breaker-never-opens", breaks: "hardly any receives while ClickHouse is out",
			file: "consumer/breaker.go",
			old:  "\tcase outage && (probe || b.wait == 0):\n",
			new:  "\tcase outage && probe:\n",
			pkg:  unit, tests: []string{"TestDrainStopsReceivingInAnOutage"},
		},
		{
			name: "breaker-never-closes", breaks: "a drain speeds up again after an outage",
			file: "consumer/breaker.go",
			old:  "\tcase !outage && probe:\n\t\tb.wait = 0\n",
			new:  "\tcase !outage && probe:\n\t\tb.wait /= 2\n",
			pkg:  unit, tests: []string{"TestDrainStopsReceivingInAnOutage"},
		},
		{
			name: "outage-saves-everything", breaks: "only messages near their retention go to the dead-letter queue",
			file: "consumer/retention.go",
			old:  "c.cfg.Now().Sub(m.SentAt) > retention*9/10",
			new:  "c.cfg.Now().Sub(m.SentAt) > retention/10",
			pkg:  unit, tests: []string{"TestMessagesNearRetentionAreDeadLetteredInAnOutage"},
		},
		{
			name: "unknown-retention-saves-nothing", breaks: "a queue that cannot be asked loses no message in an outage",
			file: "consumer/lambda/retention.go",
			old:  "\treturn standardRetention\n",
			new:  "\treturn 0\n",
			pkg:  unit + "/lambda", tests: []string{"TestRetentionIsLearnt"},
		},
		{
			name: "retention-not-asked", breaks: "the consumer knows its queue's retention",
			file: "consumer/lambda/handler.go",
			old:  "\tif h.retention != nil && len(e.Records) > 0 {\n",
			new:  "\tif h.retention == nil {\n",
			pkg:  unit + "/lambda", tests: []string{"TestRetentionIsLearnt"},
		},
		{
			name: "no-time-to-save", breaks: "messages near their retention are saved when the call's time is up",
			file: "consumer/retention.go",
			old:  "context.WithTimeout(context.WithoutCancel(ctx), rescueTime)",
			new:  "context.WithTimeout(ctx, rescueTime)",
			pkg:  unit, tests: []string{"TestMessagesNearRetentionAreDeadLetteredInAnOutage"},
		},
	}
}
