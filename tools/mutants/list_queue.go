package main

// queueMutants break the classification of a queue's responses.
func queueMutants() []mutant {
	return []mutant{
		{
			name: "throttling-is-final", breaks: "a throttled request is retried",
			old: `"RequestThrottled", `, new: "",
			pkg: faults, tests: []string{"TestQueueFaults/throttled"},
		},
		{
			name: "server-error-is-final", breaks: "a request with a server error is retried",
			new: `case "ServiceUnavailable": return nil; case "RequestThrottled", "KmsThrottled", "InternalError", "InternalFailure",`,
			pkg: faults, tests: []string{"TestQueueFaults/server_errors"},
		},
		{
			name: "answered-batch-counts-as-sent", breaks: "the failed entries of a batch are retried",
			new: "return nil",
			pkg: faults, tests: []string{"TestQueueFaults/partial_batch_failures"},
		},
	}
}
