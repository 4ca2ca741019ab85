package sqs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Resolver is the part of *sqs.Client that Resolve uses.
type Resolver interface {
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
}

// Resolve returns the URL of a queue given by name, ARN or URL; a URL is returned
// unchecked. A queue that does not exist is queue.ErrNoQueue. The client's region must
// be the ARN's: SQS looks nowhere else.
func Resolve(ctx context.Context, client Resolver, nameOrURLOrARN string) (string, error) {
	in := &sqs.GetQueueUrlInput{QueueName: &nameOrURLOrARN}
	switch {
	case nameOrURLOrARN == "":
		return "", errors.New("resolving queue: no name given")
	case strings.HasPrefix(nameOrURLOrARN, "https://"), strings.HasPrefix(nameOrURLOrARN, "http://"):
		return nameOrURLOrARN, nil
	case strings.HasPrefix(nameOrURLOrARN, "arn:"):
		// arn:partition:sqs:region:account:name
		parts := strings.Split(nameOrURLOrARN, ":")
		if len(parts) != 6 || parts[2] != "sqs" || parts[4] == "" || parts[5] == "" {
			return "", fmt.Errorf("resolving queue %s: not the ARN of an SQS queue", nameOrURLOrARN)
		}
		in.QueueName, in.QueueOwnerAWSAccountId = &parts[5], &parts[4]
	}
	call, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	out, err := client.GetQueueUrl(call, in)
	if err != nil {
		return "", fmt.Errorf("resolving queue %s: %w", nameOrURLOrARN, classify(ctx, err))
	}
	return aws.ToString(out.QueueUrl), nil
}
