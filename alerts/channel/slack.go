package channel

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// Limits of Slack's messages: https://docs.slack.dev/reference/block-kit/blocks.
const (
	slackBlocks  = 50
	slackSection = 3000
	slackHeader  = 150
)

// Slack is an incoming webhook.
type Slack struct{ to receiver }

// NewSlack returns a channel to an incoming webhook's URL, which is a secret.
func NewSlack(address string, client *http.Client) (*Slack, error) {
	to, err := newReceiver("slack", address, client)
	return &Slack{to}, err
}

// Send implements Channel.
func (s *Slack) Send(ctx context.Context, m Message) error {
	body, err := json.Marshal(slackMessage(m))
	if err != nil {
		return &Error{Channel: s.to.kind, Permanent: true, Err: err}
	}
	return s.to.post(ctx, body, nil)
}

type slackText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type slackBlock struct {
	Type string     `json:"type"`
	Text *slackText `json:"text,omitempty"`
}

func slackMessage(m Message) map[string]any {
	blocks := []slackBlock{{Type: "header", Text: &slackText{"plain_text", clip(m.headline(), slackHeader)}}}
	section := func(text string) {
		if text != "" && len(blocks) < slackBlocks {
			blocks = append(blocks, slackBlock{Type: "section", Text: &slackText{"mrkdwn", text}})
		}
	}
	section(clip(slackEscape(oneLine(m.Text)), slackSection))
	list := func(title string, items []Item, more int) {
		if len(items) == 0 {
			return
		}
		text := "*" + title + "*"
		for _, i := range items {
			// Cut before the markup, so that no link is cut in two.
			line := "\n• " + slackEscape(clip(i.line(), 500))
			if i.Link != "" {
				line += " " + slackLink(i.Link, "details")
			}
			if len(text)+len(line) > slackSection {
				section(text)
				text = strings.TrimPrefix(line, "\n")
				continue
			}
			text += line
		}
		if more > 0 {
			text = clip(text, slackSection-40) + "\n" + slackEscape("and "+itoa(more)+" more")
		}
		section(text)
	}
	list("Firing", m.Firing, m.MoreFiring)
	list("Resolved", m.Resolved, m.MoreResolved)
	var links []string
	for _, l := range m.links() {
		links = append(links, slackLink(l.Value, l.Name))
	}
	section(strings.Join(links, "  "))
	// What clients without blocks and notifications show.
	return map[string]any{"text": slackEscape(m.headline()), "blocks": blocks}
}

// slackEscape keeps data from being markup: https://docs.slack.dev/messaging/formatting-message-text. Without brackets nothing mentions anybody.
func slackEscape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func slackLink(address, text string) string {
	if strings.ContainsAny(address, "<>|") {
		return slackEscape(text)
	}
	return "<" + strings.ReplaceAll(address, "&", "&amp;") + "|" + text + ">"
}
