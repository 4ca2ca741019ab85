// Package lambda runs AWS Lambda functions on this machine as AWS does: the same bootstrap
// binaries, each in its own environment behind the Lambda Runtime API, an event source
// mapping from SQS, and a scheduler.
//
// Sources: AWS, "Using the Lambda runtime API for custom runtimes", "Understanding the
// Lambda execution environment lifecycle", "Using Lambda with Amazon SQS", "Lambda quotas",
// and "Schedule types in EventBridge Scheduler".
package lambda
