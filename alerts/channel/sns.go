package channel

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// Limits of SNS: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html.
const (
	snsSubject = 100 // ASCII, and no control characters
	snsMessage = 256 << 10
)

// SNS is a topic.
type SNS struct {
	client *sns.Client
	topic  string
}

// NewSNS returns a channel to a topic's ARN, in its region.
func NewSNS(cfg aws.Config, topic string) (*SNS, error) {
	name, err := arn.Parse(topic)
	if err != nil || name.Service != "sns" || name.Resource == "" || strings.Contains(name.Resource, ":") {
		return nil, errors.New("sns: topic_arn is no topic's ARN")
	}
	return &SNS{sns.NewFromConfig(cfg, func(o *sns.Options) {
		o.Region = name.Region
		o.Retryer = aws.NopRetryer{}
	}), topic}, nil
}

// Send implements Channel.
func (s *SNS) Send(ctx context.Context, m Message) error {
	text := m.text()
	if len(text) > snsMessage {
		text = strings.ToValidUTF8(text[:snsMessage-4], "") + "…"
	}
	attribute := func(value string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	state := "firing"
	if m.Open == 0 {
		state = "resolved"
	}
	_, err := s.client.Publish(ctx, &sns.PublishInput{
		TopicArn: &s.topic, Subject: aws.String(ascii(m.headline(), snsSubject)), Message: &text,
		// What subscriptions may filter by.
		MessageAttributes: map[string]types.MessageAttributeValue{"alert": attribute(m.Alert), "severity": attribute(m.Severity), "state": attribute(state), "key": attribute(m.Key)},
	})
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
