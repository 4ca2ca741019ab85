package channel

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"
)

const (
	// slackBlocks is the most blocks of a message, slackSection and slackHeader the most characters of a section's and a header's text:
	// https://docs.slack.dev/reference/block-kit/blocks.
	slackBlocks  = 50
	slackSection = 3000
	slackHeader  = 150
	// slackMessageText is the most characters of all blocks. Slack answers msg_blocks_too_long above some 13,200, which it does not document:
	// https://github.com/slackapi/bolt-js/issues/2509.
	slackMessageText = 12_000
	// slackLine is the most characters of an episode, of ours: of longer lines people read none.
	slackLine = 500
)

// Slack is an incoming webhook.
type Slack struct{ to receiver }

// NewSlack returns a channel to an incoming webhook's URL, which is a secret.
func NewSlack(address string, client *http.Client) (*Slack, error) {
	to, err := newReceiver("slack", strings.TrimSpace(address), http.StatusOK, client)
	return &Slack{to}, err
}

// Send implements Channel.
func (s *Slack) Send(ctx context.Context, m Message) error {
	l := m.letter(slackLine).fit(func(l letter) bool {
		blocks, n := slackBlocksOf(l), 0
		for _, b := range blocks {
			n += utf8.RuneCountInString(b.Text.Text)
		}
		return len(blocks) <= slackBlocks && n <= slackMessageText
	})
	// Text is what notifications and clients without blocks show.
	body, err := json.Marshal(map[string]any{"text": slackText(l.headline, slackSection), "blocks": slackBlocksOf(l)})
	if err != nil {
		return &Error{Channel: s.to.kind, Permanent: true, Err: err}
	}
	return s.to.post(ctx, body, nil)
}

type slackBlock struct {
	Type string     `json:"type"`
	Text slackField `json:"text"`
}

// slackField is a text object. Verbatim keeps Slack from making links and mentions of data: it would of @here, #channel and example.com.
type slackField struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim,omitempty"`
}

func slackBlocksOf(l letter) []slackBlock {
	blocks := []slackBlock{{Type: "header", Text: slackField{Type: "plain_text", Text: clip(l.headline, slackHeader)}}}
	section := func(text string) {
		if text != "" {
			blocks = append(blocks, slackBlock{Type: "section", Text: slackField{"mrkdwn", text, true}})
		}
	}
	section(slackText(l.text, slackSection))
	for _, x := range l.lists() {
		text := "*" + x.title + "*"
		add := func(line string) {
			if len(text)+len(line)+1 > slackSection { // bytes: no fewer than the characters
				section(text)
				text = line
				return
			}
			text += "\n" + line
		}
		for _, i := range x.lines {
			line := "• " + slackText(i.text, slackSection/2)
			if i.link != "" {
				line += " " + slackLink(i.link, "details")
			}
			add(line)
		}
		if x.more > 0 {
			add(andMore(x.more))
		}
		section(text)
	}
	var links []string
	for _, to := range l.links {
		links = append(links, slackLink(to.Value, to.Name))
	}
	section(strings.Join(links, "  "))
	return blocks
}

// slackText keeps data from being markup, and cuts it to so many bytes of what is sent, never within an escape:
// https://docs.slack.dev/messaging/formatting-message-text. Without angle brackets nothing mentions anybody, but where a client reads @here all the
// same; a space of no width ends that.
func slackText(text string, most int) string {
	const end = "…"
	text = strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;", "@here", "@\u200bhere", "@channel", "@\u200bchannel", "@everyone", "@\u200beveryone",
	).Replace(text)
	if len(text) <= most {
		return text
	}
	text = strings.ToValidUTF8(text[:most-len(end)], "")
	if i := strings.LastIndexByte(text, '&'); i > strings.LastIndexByte(text, ';') {
		text = text[:i]
	}
	return text + end
}

func slackLink(address, text string) string {
	return "<" + strings.ReplaceAll(address, "&", "&amp;") + "|" + text + ">"
}
