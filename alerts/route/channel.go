package route

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"polo/alerts/channel"
)

// Channel is one of these.
type Channel struct {
	Slack     *Slack     `json:"slack"`
	PagerDuty *PagerDuty `json:"pagerduty"`
	SNS       *SNS       `json:"sns"`
	SES       *SES       `json:"ses"`
	Webhook   *Webhook   `json:"webhook"`
	File      *File      `json:"file"`
}

// Slack is an incoming webhook; Secret is the field of the secret that holds its URL.
type Slack struct {
	Secret string `json:"secret"`
}

// PagerDuty is a service; Secret is the field of the secret that holds its integration key. URL is the region's; empty is the United States'.
type PagerDuty struct {
	Secret string `json:"secret"`
	URL    string `json:"url"`
}

// SNS is a topic.
type SNS struct {
	TopicARN string `json:"topic_arn"`
}

// SES is e-mail; From is an identity verified in the region.
type SES struct {
	Region string   `json:"region"`
	From   string   `json:"from"`
	To     []string `json:"to"`
}

// Webhook is an address; Secret is the field of the secret that signs.
type Webhook struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

// File is a file on this machine.
type File struct {
	Path string `json:"path"`
}

func (c Channel) valid() error {
	kinds := 0
	var missing []string
	need := func(fields map[string]string) {
		kinds++
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if fields[name] == "" {
				missing = append(missing, name)
			}
		}
	}
	if c.Slack != nil {
		need(map[string]string{"slack.secret": c.Slack.Secret})
	}
	if c.PagerDuty != nil {
		need(map[string]string{"pagerduty.secret": c.PagerDuty.Secret})
	}
	if c.SNS != nil {
		need(map[string]string{"sns.topic_arn": c.SNS.TopicARN})
	}
	if c.SES != nil {
		need(map[string]string{"ses.region": c.SES.Region, "ses.from": c.SES.From})
	}
	if c.Webhook != nil {
		need(map[string]string{"webhook.url": c.Webhook.URL, "webhook.secret": c.Webhook.Secret})
	}
	if c.File != nil {
		need(map[string]string{"file.path": c.File.Path})
	}
	var errs []error
	if kinds != 1 {
		errs = append(errs, errors.New("not exactly one of slack, pagerduty, sns, ses, webhook, file"))
	}
	for _, name := range missing {
		errs = append(errs, fmt.Errorf("%s is missing", name))
	}
	if len(errs) == 0 {
		// All but the secret is known to be right before it is used: this one would do for every kind.
		_, err := c.open(func(string) (string, error) { return "https://localhost/a-secret", nil }, aws.Config{}, &http.Client{})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Open opens every channel. secrets returns a field of the function's secret.
func (c *Config) Open(secrets func(field string) (string, error), cfg aws.Config, client *http.Client) (map[string]channel.Channel, error) {
	out := map[string]channel.Channel{}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(c.Channels)) {
		opened, err := c.Channels[name].open(secrets, cfg, client)
		if err != nil {
			errs = append(errs, fmt.Errorf("channels.%s: %w", name, err))
			continue
		}
		out[name] = opened
	}
	return out, errors.Join(errs...)
}

func (c Channel) open(secrets func(field string) (string, error), cfg aws.Config, client *http.Client) (channel.Channel, error) {
	switch {
	case c.Slack != nil:
		address, err := secrets(c.Slack.Secret)
		if err != nil {
			return nil, err
		}
		return channel.NewSlack(address, client)
	case c.PagerDuty != nil:
		key, err := secrets(c.PagerDuty.Secret)
		if err != nil {
			return nil, err
		}
		return channel.NewPagerDuty(cmp.Or(c.PagerDuty.URL, channel.PagerDutyURL), key, client)
	case c.SNS != nil:
		return channel.NewSNS(cfg, c.SNS.TopicARN)
	case c.SES != nil:
		return channel.NewSES(cfg, c.SES.Region, c.SES.From, c.SES.To)
	case c.Webhook != nil:
		key, err := secrets(c.Webhook.Secret)
		if err != nil {
			return nil, err
		}
		return channel.NewWebhook(c.Webhook.URL, key, client, time.Now)
	case c.File != nil:
		return channel.NewFile(c.File.Path)
	default:
		return nil, errors.New("no kind of channel")
	}
}
