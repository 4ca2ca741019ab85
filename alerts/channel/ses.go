package channel

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/mail"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

// sesSubject is more than mail programs show; sesRecipients is SES's most: https://docs.aws.amazon.com/ses/latest/dg/quotas.html.
const (
	sesSubject    = 200
	sesRecipients = 50
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
	for _, address := range append([]string{from}, to...) {
		if _, err := mail.ParseAddress(address); err != nil || strings.ContainsAny(address, "\r\n") {
			errs = append(errs, fmt.Errorf("ses: %q is no address", address))
		}
	}
	return &SES{sesv2.NewFromConfig(cfg, func(o *sesv2.Options) {
		o.Region = region
		o.Retryer = aws.NopRetryer{}
	}), from, to}, errors.Join(errs...)
}

// Send implements Channel. SES makes the headers of these fields; a subject has no line end.
func (s *SES) Send(ctx context.Context, m Message) error {
	content := func(text string) *types.Content { return &types.Content{Data: &text, Charset: aws.String("UTF-8")} }
	_, err := s.client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: &s.from, Destination: &types.Destination{ToAddresses: s.to},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: content(clip(m.headline(), sesSubject)), Body: &types.Body{Text: content(m.text()), Html: content(m.html())},
		}},
	})
	return awsError("ses", err)
}

// html is the message as a page without anything to load.
func (m Message) html() string {
	var b strings.Builder
	esc := html.EscapeString
	fmt.Fprintf(&b, "<!doctype html><html><body style=\"font-family:sans-serif\"><h2>%s</h2>", esc(m.headline()))
	if m.Text != "" {
		fmt.Fprintf(&b, "<p>%s</p>", esc(m.Text))
	}
	section := func(title string, items []Item, more int) {
		if len(items) == 0 {
			return
		}
		fmt.Fprintf(&b, "<h3>%s</h3><ul>", title)
		for _, i := range items {
			text := esc(i.line())
			if i.Link != "" {
				text = fmt.Sprintf("<a href=\"%s\">%s</a>", esc(i.Link), text)
			}
			b.WriteString("<li>" + text + "</li>")
		}
		if more > 0 {
			fmt.Fprintf(&b, "<li>and %d more</li>", more)
		}
		b.WriteString("</ul>")
	}
	section("Firing", m.Firing, m.MoreFiring)
	section("Resolved", m.Resolved, m.MoreResolved)
	for _, l := range m.links() {
		fmt.Fprintf(&b, "<p><a href=\"%s\">%s</a></p>", esc(l.Value), esc(l.Name))
	}
	fmt.Fprintf(&b, "<p style=\"color:#666\">%s, evaluated %s, %d open</p></body></html>", esc(m.Alert), m.At.UTC().Format("2006-01-02 15:04 UTC"), m.Open)
	return b.String()
}
