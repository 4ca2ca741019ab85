package sqsserver_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"polo/local/sqsserver"
)

// After the machine slept longer than the retention, messages are still there if they
// are to be kept; otherwise they are gone, as on AWS.
func TestSleepPastTheRetention(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{true, false} {
		dir, now := t.TempDir(), time.Now()
		open := func() (*sqsserver.Server, *awssqs.Client) {
			s, err := sqsserver.New(sqsserver.Options{Dir: dir, BaseURL: "http://127.0.0.1:1", Clock: func() time.Time { return now }, KeepExpired: keep})
			if err != nil {
				t.Fatal(err)
			}
			cfg := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), HTTPClient: s.Client()}
			return s, awssqs.NewFromConfig(cfg, func(o *awssqs.Options) { o.BaseEndpoint = aws.String("http://127.0.0.1:1") })
		}
		s, c := open()
		q, err := c.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: aws.String("q"), Attributes: map[string]string{"MessageRetentionPeriod": "345600"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: q.QueueUrl, MessageBody: aws.String("x")}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		now = now.Add(5 * 24 * time.Hour)
		s, c = open()
		got, err := c.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: q.QueueUrl})
		if err != nil {
			t.Fatal(err)
		}
		if kept := len(got.Messages) == 1; kept != keep {
			t.Errorf("kept is %v, want %v", kept, keep)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
