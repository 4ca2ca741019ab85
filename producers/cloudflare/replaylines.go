package cloudflare

import (
	"context"
	"fmt"
	"strings"

	"polo/internal/httpsource"
	"polo/producers/exchange"
)

// usage makes cost lines of an answer of billable usage. They complete nothing: a recording
// does not say of which days it has all fees.
func (r *replay) usage(x *exchange.Exchange, path string) {
	a, err := answerOf(x, httpsource.Request{Method: x.Method, Path: path})
	if err != nil {
		r.leave(x, why(err))
		return
	}
	var body struct {
		Result []usageRecord `json:"result"`
	}
	if a.Decode(&body) != nil {
		r.leave(x, leftInvalid)
		return
	}
	var accountID string
	if parts := strings.Split(path, "/"); len(parts) > 2 {
		accountID = parts[2]
	}
	all := lines{}
	for i := range body.Result {
		if err := all.add(&body.Result[i], accountID); err != nil {
			r.leave(x, fmt.Sprintf("%s: %s", leftInvalid, err))
			return
		}
	}
	if len(all) == 0 {
		r.leave(x, leftEmpty)
	}
	r.lines.merge(all)
}

// audit makes events of the pages of audit logs.
func (r *replay) audit(c *recording, i int, x *exchange.Exchange, path string) {
	var items []item
	var err error
	var asked string
	if x.URL == nil {
		c.used[i] = true
		if _, err = answerOf(x, httpsource.Request{}); err == nil {
			items, _ = bare(x.Body)
		}
	} else {
		asked = strings.Split(path, "/")[2]
		err = auditList(requestOf(x, path)).read(context.Background(), c, func(_ *httpsource.Answer, page []item) error {
			items = append(items, page...)
			return nil
		})
	}
	if len(items) == 0 {
		reason := leftEmpty
		if err != nil {
			reason = why(err)
		}
		r.leave(x, reason)
		return
	}
	bad := 0
	for _, it := range items {
		made, err := auditEvents(r.entries, it, asked)
		if err != nil {
			bad++
			continue
		}
		r.events[made[0].AccountID] = append(r.events[made[0].AccountID], made...)
	}
	if bad > 0 {
		r.left(exchange.Left{Why: leftInvalid, Call: callOf(x), Count: bad})
	}
}
