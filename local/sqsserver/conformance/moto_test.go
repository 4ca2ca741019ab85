package conformance_test

import "polo/local/sqsserver/conformance"

// motoDeviations lists the cases that moto does not pass, each with what it does
// instead.
func motoDeviations() []conformance.Deviation {
	return []conformance.Deviation{
		{Case: "FIFORefused", Reason: "moto has FIFO queues"},
		{Case: "ListInPages", Reason: "moto returns every queue on one page", Checks: []string{"pages:"}},
		{Case: "DeletedRecently", Reason: "moto lets a name be used again at once"},
		{Case: "InvalidAddress", Reason: "moto takes the last part of any text for a queue's name"},
		{Case: "PurgeTwice", Reason: "moto purges as often as it is asked"},
		{
			Case: "DefaultAttributes", Reason: "moto returns times with fractions of a second",
			Checks: []string{"CreatedTimestamp is no time", "LastModifiedTimestamp is no time"},
		},
		{Case: "AttributeRanges", Reason: "moto does not check ranges when attributes are set"},
		{
			Case: "UnknownAttributes", Reason: "moto ignores attributes it does not know, and sets read-only ones",
			Checks: []string{"setting an unknown", "setting QueueArn", "setting CreatedTimestamp", "setting ApproximateNumberOfMessages"},
		},
		{
			Case: "Encryption", Reason: "moto leaves SQS's own encryption on beside a key",
			Checks: []string{"SqsManagedSseEnabled:"},
		},
		{Case: "Tags", Reason: "moto counts the tags of a call, not of the queue", Checks: []string{"51 tags:"}},
		{Case: "InvalidContents", Reason: "moto takes any characters"},
		{Case: "EmptyBody", Reason: "moto takes an empty body"},
		{Case: "MessageAttributeRules", Reason: "moto checks only the characters of names and the prefix of types", Checks: []string{
			"eleven attributes:", "a reserved name:", "a leading period:", "periods in a row:", "a long name:", "an empty value:",
			"no value:", "a word for a number:", "text in a binary type:", "a control character in a value:",
		}},
		{
			Case: "SystemAttributes", Reason: "moto returns no digest of system attributes and ignores names it does not know",
			Checks: []string{"no digest of the system attributes", "asking for an unknown attribute:"},
		},
		{Case: "MessageSize", Reason: "moto leaves attributes out of the size", Checks: []string{"1015 bytes and 10 of attributes:"}},
		{
			Case: "DelayRange", Reason: "moto takes a negative delay for none",
			Checks: []string{"delay -1:", "received before its time:"},
		},
		{Case: "NoGhostPoll", Reason: "moto goes on polling for a client that has gone, and gives it the next message"},
		{
			Case: "BatchErrors", Reason: "moto takes letters of other alphabets in ids, and an empty visibility batch",
			Checks: []string{"id \u00e9:", "nothing to change:", "messages:"},
		},
		{Case: "BatchWithOneBad", Reason: "moto takes any characters"},
		{
			Case: "VisibilityRange", Reason: "moto takes a negative timeout for 0",
			Checks: []string{"less than nothing:", "in flight:"},
		},
		{Case: "VisibilityOfVisible", Reason: "moto changes messages that are not in flight"},
		{Case: "VisibilityOfDeleted", Reason: "moto answers ReceiptHandleIsInvalid"},
		{Case: "RedrivePolicyRules", Reason: "moto fails on broken JSON, takes any count, and has its own error for no queue", Checks: []string{
			`{: got`, `{"deadLetterTargetArn":`,
		}},
		{Case: "RedriveAllowPolicy", Reason: "moto does not enforce it", Checks: []string{"with denyAll:", "of a queue that byQueue does not name:"}},
		{Case: "RedriveAllowPolicyRules", Reason: "moto does not check it"},
		{Case: "RedriveAfterExactlyMax", Reason: "moto does not name the source", Checks: []string{"source:"}},
		{Case: "MoveBackToSources", Reason: "moto has no message move tasks"},
		{Case: "MoveToDestination", Reason: "moto has no message move tasks"},
		{Case: "MoveErrors", Reason: "moto has no message move tasks"},
		{Case: "MoveCancelled", Reason: "moto has no message move tasks"},
		{Case: "MoveWithoutSource", Reason: "moto has no message move tasks"},
	}
}
