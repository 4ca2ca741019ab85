// Package stack is Polo on one machine: the embedded ClickHouse with its schema, the
// embedded SQS with the main queue and its dead-letter queue, and the consumer between
// them, on one data directory.
package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/gofrs/flock"

	"polo/internal/queue/sqs"
	"polo/local/chdb"
	"polo/local/loopback"
	"polo/local/sqsserver"
)

// Names and settings of the local queues.
const (
	QueueName      = "polo-events"
	DeadLetterName = "polo-events-dlq"
	region         = "us-east-1"
	// visibility is the visibility timeout: how long a batch may take.
	visibility = 2 * time.Minute
	// The dead-letter queue's retention is longer, because a moved message keeps its
	// age. Both in seconds.
	retention    = 4 * 24 * 3600
	dlqRetention = 14 * 24 * 3600
	// maxReceive is the backstop for crashes; otherwise the consumer decides.
	maxReceive = 1000
)

// Options configure a Stack.
type Options struct {
	// Dir is the data directory; it is created if missing.
	Dir string
	// SQSPort, TCPPort and HTTPPort on 127.0.0.1; 0 means a free one.
	SQSPort, TCPPort, HTTPPort int
	// Command is the command that runs the stack, for others to read: "polo up".
	Command string
	// Drains says that this process drains the stack's queue, so that others may
	// publish to it. Open with Drains refuses to join a stack that nobody drains.
	Drains bool
	// Portion bounds the JSON that each worker of a drain decodes at once, in bytes; 16
	// MiB.
	Portion int
	Logger  *slog.Logger
}

// Stack is the running parts.
type Stack struct {
	Endpoints Endpoints
	Queue     *sqs.Queue
	DLQ       *sqs.Queue

	engine *chdb.Supervisor
	// client calls the SQS server in process.
	client   *awssqs.Client
	queueARN string
	server   *sqsserver.Server
	web      *http.Server
	dir      string
	lock     *flock.Flock
	// users is locked once no other process uses the stack, and none can join it.
	users   *flock.Flock
	portion int
	log     *slog.Logger
}

// Start starts every part on o.Dir and returns once all answer. Stop ends it. After a
// kill at any moment the next Start finds every acknowledged message and every row.
func Start(ctx context.Context, o Options) (_ *Stack, err error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the data directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	s := &Stack{dir: dir, portion: cmp.Or(o.Portion, defaultPortion), log: o.Logger}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	if s.lock, err = lockDir(dir, Holder{PID: os.Getpid(), Command: o.Command, Drains: o.Drains, Since: time.Now().UnixNano()}); err != nil {
		return nil, err
	}
	// A stack that was killed has left its endpoints.
	if err := forget(dir); err != nil {
		return nil, err
	}
	// The engine takes longest: start the queue meanwhile.
	engine := make(chan error, 1)
	go func() {
		var err error
		s.engine, err = chdb.Supervise(ctx, chdb.Options{Dir: filepath.Join(dir, "clickhouse"), TCPPort: o.TCPPort, HTTPPort: o.HTTPPort}, o.Logger)
		engine <- err
	}()
	sqsErr := s.startSQS(ctx, o)
	if err := errors.Join(<-engine, sqsErr); err != nil {
		return nil, err
	}
	if err := migrate(ctx, s.engine); err != nil {
		return nil, err
	}
	s.Endpoints.PID = os.Getpid()
	s.Endpoints.ClickHouseTCP, s.Endpoints.ClickHouseHTTP = s.engine.TCPAddr, s.engine.HTTPAddr
	s.Endpoints.Database = chdb.Database
	s.Endpoints.Users = s.engine.Users
	if err := s.Endpoints.save(dir); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Stack) startSQS(ctx context.Context, o Options) error {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.SQSPort)))
	if err != nil {
		return fmt.Errorf("opening the queue's port: %w", err)
	}
	base := "http://" + l.Addr().String()
	s.server, err = sqsserver.New(sqsserver.Options{Dir: filepath.Join(s.dir, "sqs"), Region: region, BaseURL: base, KeepExpired: true, Logger: s.log})
	if err != nil {
		return errors.Join(fmt.Errorf("starting the queue: %w", err), l.Close())
	}
	s.web = &http.Server{Handler: loopback.Guard(s.server), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := s.web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.ErrorContext(ctx, "the queue's server ended", slog.String("error", err.Error()))
		}
	}()
	// In this process calls go to the server directly; other processes use HTTP.
	cfg := AWSConfig()
	cfg.HTTPClient = s.server.Client()
	client := sqs.NewClient(cfg, base)
	dlqURL, dlqARN, err := createQueue(ctx, client, DeadLetterName, map[string]string{
		"MessageRetentionPeriod": strconv.Itoa(dlqRetention), "MaximumMessageSize": "1048576",
	})
	if err != nil {
		return err
	}
	keysOf, err := letterKeys()
	if err != nil {
		return err
	}
	if err := s.server.Deduplicate(DeadLetterName, keysOf); err != nil {
		return fmt.Errorf("making queue %s: %w", DeadLetterName, err)
	}
	queueURL, queueARN, err := createQueue(ctx, client, QueueName, map[string]string{
		"MessageRetentionPeriod": strconv.Itoa(retention), "MaximumMessageSize": "1048576",
		"VisibilityTimeout": strconv.Itoa(int(visibility / time.Second)),
		"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, dlqARN, maxReceive),
	})
	if err != nil {
		return err
	}
	s.client, s.queueARN = client, queueARN
	s.Queue, s.DLQ = sqs.New(client, queueURL, sqs.Options{}), sqs.New(client, dlqURL, sqs.Options{})
	s.Endpoints.SQS, s.Endpoints.QueueURL, s.Endpoints.DLQURL, s.Endpoints.Region = base, queueURL, dlqURL, region
	return nil
}

// AWSConfig returns the SDK configuration for the local parts: a region, and
// credentials that nobody checks.
func AWSConfig() aws.Config {
	return aws.Config{Region: region, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
}

// createQueue creates a queue, or finds it and sets its attributes.
func createQueue(ctx context.Context, c *awssqs.Client, name string, attributes map[string]string) (url, arn string, err error) {
	// The port may differ from the last run's, so ask for the URL.
	got, err := c.GetQueueUrl(ctx, &awssqs.GetQueueUrlInput{QueueName: &name})
	switch {
	case err == nil:
		url = aws.ToString(got.QueueUrl)
		_, err = c.SetQueueAttributes(ctx, &awssqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: attributes})
	case isNoQueue(err):
		var made *awssqs.CreateQueueOutput
		made, err = c.CreateQueue(ctx, &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		if err == nil {
			url = aws.ToString(made.QueueUrl)
		}
	}
	if err != nil {
		return "", "", fmt.Errorf("making queue %s: %w", name, err)
	}
	out, err := c.GetQueueAttributes(ctx, &awssqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: arnOnly})
	if err != nil {
		return "", "", fmt.Errorf("reading queue %s: %w", name, err)
	}
	return url, out.Attributes["QueueArn"], nil
}

// Announce tells others the dashboard's address.
func (s *Stack) Announce(dashboard string) error {
	s.Endpoints.Dashboard = dashboard
	return s.Endpoints.save(s.dir)
}

// Unfenced lists the parts of the fence around ClickHouse that this system lacks.
func (s *Stack) Unfenced() []string { return s.engine.Unfenced }

// Exited is closed when ClickHouse has ended too often to be restarted.
func (s *Stack) Exited() <-chan struct{} { return s.engine.Exited() }

// Err says why ClickHouse was given up; nil before.
func (s *Stack) Err() error { return s.engine.Err() }

// Stop ends every part and returns their errors. Nothing that was acknowledged is lost.
func (s *Stack) Stop() error {
	var errs []error
	if s.lock != nil {
		errs = append(errs, forget(s.dir))
	}
	if s.web != nil {
		errs = append(errs, s.web.Close())
	}
	if s.server != nil {
		errs = append(errs, s.server.Close())
	}
	if s.engine != nil {
		errs = append(errs, s.engine.Stop())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Unlock())
	}
	if s.users != nil {
		errs = append(errs, s.users.Unlock())
	}
	return errors.Join(errs...)
}
