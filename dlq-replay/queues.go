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

// queues say which SQS, and which queues of it.
type queues struct {
	Data     string        `env:"POLO_DATA" help:"The data directory of a running polo up." placeholder:"DIR" predictor:"dir"`
	DLQ      string        `name:"dlq" env:"POLO_DLQ" default:"polo-events-dlq" help:"The dead-letter queue: name, URL or ARN." placeholder:"QUEUE"`
	Queue    string        `env:"POLO_QUEUE" default:"polo-events" help:"The main queue: name, URL or ARN." placeholder:"QUEUE"`
	Endpoint string        `env:"AWS_ENDPOINT_URL_SQS,AWS_ENDPOINT_URL" help:"Another SQS than AWS's." placeholder:"URL"`
	Hold     time.Duration `default:"2m" help:"How long letters stay invisible to others after this process is killed (${default})." placeholder:"TIME"`
	Region   string        `env:"AWS_REGION,AWS_DEFAULT_REGION" help:"The queues' region."`
}

// dataFlag names the local stack as it is typed.
func (q queues) dataFlag() string {
	if q.Data == "" {
		return ""
	}
	return "--data " + cli.Quote(q.Data)
}

// preferTyped forgets a data directory of the environment where queues stand on the command line.
func (q *queues) preferTyped(typed map[string]bool) {
	if !typed["data"] && (typed["dlq"] || typed["queue"] || typed["endpoint"]) {
		q.Data = ""
	}
}

// opened are the queues, open.
type opened struct {
	dlq, main *sqs.Queue
	dlqName   string
	mainName  string
	hold      time.Duration
	// identity tells the dead-letter queue from others of its name; empty on a local
	// stack, whose addresses change.
	identity string
	// data is the data directory of a local stack, which keeps its own journal.
	data string
	// local tells that they are on this machine.
	local bool
}

// maxLetter is what a message of SQS holds, in bytes.
const maxLetter = 1 << 20

// readers is how many requests read the dead-letter queue at once.
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
	// A letter is held for that long from its receipt on: a process that is killed
	// before it can ask for another time keeps nobody waiting for the queue's own.
	o := &opened{dlq: dlq.WithVisibility(hold), main: main, dlqName: last(q.DLQ), mainName: last(q.Queue), hold: hold, local: local, data: q.Data}
	if q.Data == "" {
		if o.identity, err = identity(ctx, client, q.Endpoint, dlq.URL()); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// identity is one for each queue there is, however it is called: its ARN, and which SQS
// that is of.
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

// key is the identity as part of a file's name.
func (o *opened) key() string {
	sum := sha256.Sum256([]byte(o.identity))
	return hex.EncodeToString(sum[:6])
}

// config is what the environment says; a queue on this machine asks for a region
// and credentials and looks at neither.
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

// last is a queue's name at the end of its URL or ARN.
func last(s string) string { return s[strings.LastIndexAny(s, "/:")+1:] }

func isLoopback(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || endpoint == "" {
		return false
	}
	host := u.Hostname()
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"
}

// guard keeps a hand on the wrong queue from doing harm: what is not on this
// machine must be named.
func (o *opened) guard(confirm, target string) error {
	if o.local || confirm == target {
		return nil
	}
	return cli.Usage("this changes the queue %s, which is not on this machine: add --confirm %s", target, target)
}

// actor is who runs the command.
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
