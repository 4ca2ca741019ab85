package channel

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// Limits of SNS: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html.
const (
	// snsSubject is the most characters of a subject: ASCII, without control characters, and fewer than 100.
	snsSubject = 99
	// snsMessage is the most bytes of a message with its attributes, where the topic does not allow more, and snsAttributes what is left for those.
	snsMessage    = 256 << 10
	snsAttributes = 2 << 10
	// snsAttribute is the most bytes of an attribute, of ours, so that all of them fit.
	snsAttribute = 256
)

// SNS is a topic.
type SNS struct {
	client *sns.Client
	topic  string
}

// NewSNS returns a channel to a topic's ARN, in its region.
func NewSNS(cfg aws.Config, topic string) (*SNS, error) {
	name, err := arn.Parse(topic)
	if err != nil || name.Service != "sns" || name.Region == "" || name.AccountID == "" || name.Resource == "" || strings.Contains(name.Resource, ":") {
		return nil, fmt.Errorf("sns: %q is no topic's ARN", topic)
	}
	return &SNS{sns.NewFromConfig(cfg, func(o *sns.Options) {
		o.Region = name.Region
		o.Retryer = aws.NopRetryer{}
	}), topic}, nil
}

// Send implements Channel.
func (s *SNS) Send(ctx context.Context, m Message) error {
	l := m.letter(mostLine).fit(func(l letter) bool { return len(l.plain()) <= snsMessage-snsAttributes })
	in := &sns.PublishInput{
		TopicArn: &s.topic, Subject: aws.String(ascii(l.headline, snsSubject)), Message: aws.String(l.plain()), MessageAttributes: map[string]types.MessageAttributeValue{},
	}
	state := "firing"
	if m.Open == 0 {
		state = "resolved"
	}
	// What subscriptions may filter by. SNS refuses an empty one.
	for name, value := range map[string]string{"alert": m.Alert, "severity": m.Severity, "state": state, "key": m.Key, "message": m.ID, "repeated": strconv.FormatBool(m.Repeated)} {
		if value = strings.ToValidUTF8(value[:min(len(value), snsAttribute)], ""); value != "" {
			in.MessageAttributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
		}
	}
	if strings.HasSuffix(s.topic, ".fifo") {
		in.MessageGroupId, in.MessageDeduplicationId = &m.Key, &m.ID
	}
	_, err := s.client.Publish(ctx, in)
	return awsError("sns", err)
}

// ascii is a subject: ASCII without control characters, at most so many.
func ascii(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e {
			return '?'
		}
		return r
	}, text)
	return text[:min(len(text), most)]
}
