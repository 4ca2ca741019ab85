package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"polo/dlq-replay/replay"
	"polo/internal/cli"
	"polo/internal/queue/sqs"
)

// queues selects an SQS endpoint and its queues.
type queues struct {
	Data     string        `env:"POLO_DATA" help:"The data directory of a running polo up." placeholder:"DIR" predictor:"dir"`
	DLQ      string        `name:"dlq" env:"POLO_DLQ" default:"polo-events-dlq" help:"The dead-letter queue: name, URL or ARN." placeholder:"QUEUE"`
	Queue    string        `env:"POLO_QUEUE" default:"polo-events" help:"The main queue: name, URL or ARN." placeholder:"QUEUE"`
	Endpoint string        `env:"AWS_ENDPOINT_URL_SQS,AWS_ENDPOINT_URL" help:"The URL of an SQS other than AWS's." placeholder:"URL"`
	Hold     time.Duration `default:"2m" help:"How long letters stay invisible to others after this process is killed (${default})." placeholder:"TIME"`
	Region   string        `env:"AWS_REGION,AWS_DEFAULT_REGION" help:"The queues' region."`
}

// dataFlag returns the flag for the local stack.
func (q queues) dataFlag() string {
	if q.Data == "" {
		return ""
	}
	return "--data " + cli.Quote(q.Data)
}

// preferTyped ignores the environment's data directory if the command line names queues.
func (q *queues) preferTyped(typed map[string]bool) {
	if !typed["data"] && (typed["dlq"] || typed["queue"] || typed["endpoint"]) {
		q.Data = ""
	}
}

// opened are the open queues.
type opened struct {
	dlq, main *sqs.Queue
	dlqName   string
	mainName  string
	hold      time.Duration
	// identity distinguishes the dead-letter queue from others with its name. It is empty for a
	// local stack, whose addresses change.
	identity string
	// data is the data directory of a local stack, which keeps its own journal.
	data string
	// local reports that they are on this machine.
	local bool
}

// maxLetter is the size limit of an SQS message, in bytes.
const maxLetter = 1 << 20

// readers is the number of concurrent requests that read the dead-letter queue.
const readers = 4

func (o *opened) reader() *replay.Reader { return replay.NewReader(o.dlq, readers, o.hold) }

func (q queues) open(ctx context.Context) (*opened, error) {
	if q.Data != "" {
		l, err := joinLocal(q.Data)
		if err != nil {
			return nil, err
		}
		q.Endpoint, q.Region, q.DLQ, q.Queue = l.SQS, l.Region, l.DLQURL, l.QueueURL
	}
	local := isLoopback(q.Endpoint)
	cfg, err := q.config(ctx, local)
	if err != nil {
		return nil, err
	}
	if cfg.Region == "" {
		return nil, cli.Error{Code: cli.ExitUsage, Err: errors.New("which queues? --data DIR of a running polo up; or --dlq and --queue on AWS, which needs a region: AWS_REGION or --region")}
	}
	client := sqs.NewClient(cfg, q.Endpoint)
	dlq, err := sqs.Open(ctx, client, q.DLQ)
	if err != nil {
		return nil, fmt.Errorf("opening the dead-letter queue: %w", err)
	}
	main, err := sqs.Open(ctx, client, q.Queue)
	if err != nil {
		return nil, fmt.Errorf("opening the main queue: %w", err)
	}
	hold := max(q.Hold, time.Second)
	// A letter is held for this long from its receipt. If the process is killed before it changes
	// the time, nobody waits for the queue's own visibility timeout.
	o := &opened{dlq: dlq.WithVisibility(hold), main: main, dlqName: last(q.DLQ), mainName: last(q.Queue), hold: hold, local: local, data: q.Data}
	if q.Data == "" {
		if o.identity, err = identity(ctx, client, q.Endpoint, dlq.URL()); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// identity is unique for each queue, however it is addressed: its ARN, and its SQS endpoint.
func identity(ctx context.Context, client *awssqs.Client, endpoint, queueURL string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	out, err := client.GetQueueAttributes(ctx, &awssqs.GetQueueAttributesInput{
		QueueUrl: &queueURL, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	if err != nil {
		return "", fmt.Errorf("asking for the dead-letter queue's ARN: %w", err)
	}
	return strings.TrimSpace(out.Attributes[string(types.QueueAttributeNameQueueArn)] + " " + endpoint), nil
}

// key returns the identity as part of a file name.
func (o *opened) key() string {
	sum := sha256.Sum256([]byte(o.identity))
	return hex.EncodeToString(sum[:6])
}

// config loads the AWS configuration from the environment. A queue on this machine requires a
// region and credentials but ignores both.
func (q queues) config(ctx context.Context, local bool) (aws.Config, error) {
	if local {
		cfg := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
		if q.Region != "" {
			cfg.Region = q.Region
		}
		return cfg, nil
	}
	cfg, err := config.LoadDefaultConfig(ctx, func(o *config.LoadOptions) error {
		if q.Region != "" {
			o.Region = q.Region
		}
		return nil
	})
	if err != nil {
		return aws.Config{}, fmt.Errorf("loading the AWS configuration: %w", err)
	}
	return cfg, nil
}

// last returns the queue's name, the end of its URL or ARN.
func last(s string) string { return s[strings.LastIndexAny(s, "/:")+1:] }

func isLoopback(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || endpoint == "" {
		return false
	}
	host := u.Hostname()
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"
}

// guard protects against acting on the wrong queue: a queue that is not on this machine must be
// named.
func (o *opened) guard(confirm, target string) error {
	if o.local || confirm == target {
		return nil
	}
	return cli.Usage("this changes the queue %s, which is not on this machine: add --confirm %s", target, target)
}

// actor returns who runs the command.
func actor() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return name + "@" + host
}
