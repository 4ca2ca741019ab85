package main

// queueMutants break what is taken of a queue's answers.
func queueMutants() []mutant {
	const transient = `	case "RequestThrottled", "KmsThrottled", "ServiceUnavailable", "InternalError", "InternalFailure",
`
	return []mutant{
		{
			name: "throttling-is-final", breaks: "a throttled request is tried again",
			file: "internal/queue/sqs/errors.go",
			old:  transient,
			new: `	case "KmsThrottled", "ServiceUnavailable", "InternalError", "InternalFailure",
`,
			pkg: faults, tests: []string{"TestQueueFaults/throttled"},
		},
		{
			name: "server-error-is-final", breaks: "a request that met a server's error is tried again",
			file: "internal/queue/sqs/errors.go",
			old:  transient,
			new: `	case "ServiceUnavailable":
		return nil
	case "RequestThrottled", "KmsThrottled", "InternalError", "InternalFailure",
`,
			pkg: faults, tests: []string{"TestQueueFaults/server_errors"},
		},
		{
			name: "answered-batch-counts-as-sent", breaks: "what a batch's answer calls failed is sent again",
			file: "internal/queue/sqs/send.go",
			old:  "\ta.failed(out.Failed)\n\treturn a.errors()\n",
			new:  "\treturn nil\n",
			pkg:  faults, tests: []string{"TestQueueFaults/partial_batch_failures"},
		},
	}
}
