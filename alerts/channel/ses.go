package channel

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

const (
	// sesRecipients is the most recipients of a message: https://docs.aws.amazon.com/ses/latest/dg/quotas.html. It allows 40 MB.
	sesRecipients = 50
	// sesSubject, in characters, is more than mail programs show, sesBody, in bytes, more than people read. Both are ours.
	sesSubject = 200
	sesBody    = 1 << 20
)

// SES sends e-mail.
type SES struct {
	client *sesv2.Client
	from   string
	to     []string
}

// NewSES returns a channel to addresses. from must be verified in the region.
func NewSES(cfg aws.Config, region, from string, to []string) (*SES, error) {
	var errs []error
	if region == "" {
		errs = append(errs, errors.New("ses: region is missing"))
	}
	if len(to) == 0 || len(to) > sesRecipients {
		errs = append(errs, fmt.Errorf("ses: to has not 1 to %d addresses", sesRecipients))
	}
	addresses := make([]string, 0, len(to)+1)
	for _, text := range append([]string{from}, to...) {
		address, err := mail.ParseAddress(text)
		if err != nil || strings.ContainsFunc(text, unicode.IsControl) || ascii(address.Address, len(address.Address)) != address.Address {
			errs = append(errs, fmt.Errorf("ses: %q is no address in ASCII", text))
			continue
		}
		if address.Name != "" {
			addresses = append(addresses, address.String()) // the name encoded, as SES wants it
			continue
		}
		addresses = append(addresses, address.Address)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &SES{sesv2.NewFromConfig(cfg, func(o *sesv2.Options) {
		o.Region = region
		o.Retryer = aws.NopRetryer{}
	}), addresses[0], addresses[1:]}, nil
}

// Send implements Channel. SES makes the headers of these fields; a subject has no line end.
func (s *SES) Send(ctx context.Context, m Message) error {
	l := m.letter(mostLine).fit(func(l letter) bool { return len(l.plain())+len(l.html()) <= sesBody })
	content := func(text string) *types.Content { return &types.Content{Data: &text, Charset: aws.String("UTF-8")} }
	_, err := s.client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: &s.from, Destination: &types.Destination{ToAddresses: s.to},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: content(clip(l.headline, sesSubject)), Body: &types.Body{Text: content(l.plain()), Html: content(l.html())},
		}},
	})
	return awsError("ses", err)
}
