package main

// queueMutants break the classification of a queue's responses.
func queueMutants() []mutant {
	const transient = `	case "RequestThrottled", "KmsThrottled", "ServiceUnavailable", "InternalError", "InternalFailure",
`
	return []mutant{
		{
			name: "throttling-is-final", breaks: "a throttled request is retried",
			file: "internal/queue/sqs/errors.go",
			old:  transient,
			new: `	case "KmsThrottled", "ServiceUnavailable", "InternalError", "InternalFailure",
`,
			pkg: faults, tests: []string{"TestQueueFaults/throttled"},
		},
		{
			name: "server-error-is-final", breaks: "a request with a server error is retried",
			file: "internal/queue/sqs/errors.go",
			old:  transient,
			new: `	case "ServiceUnavailable":
		return nil
	case "RequestThrottled", "KmsThrottled", "InternalError", "InternalFailure",
`,
			pkg: faults, tests: []string{"TestQueueFaults/server_errors"},
		},
		{
			name: "answered-batch-counts-as-sent", breaks: "the failed entries of a batch are retried",
			file: "internal/queue/sqs/send.go",
			old:  "\ta.failed(out.Failed)\n\treturn a.errors()\n",
			new:  "\treturn nil\n",
			pkg:  faults, tests: []string{"TestQueueFaults/partial_batch_failures"},
		},
	}
}
