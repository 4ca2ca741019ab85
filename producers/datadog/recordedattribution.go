package datadog

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"time"

	"polo/producers"
)

// readAttributions reads recorded costs and usage by tag. A month of costs is completed if
// its pages are there from the first to the last.
func readAttributions(ctx context.Context, s *producers.Scan, r *recording) error {
	chains := map[string]*chain{}
	var order []*chain
	for _, a := range r.answers {
		if a.call.shape != shapeCostByTag {
			if err := r.readSamples(ctx, s, a, AttributionSource, usageAttribution); err != nil {
				return err
			}
			continue
		}
		items, _, next, err := attributions(a.Answer)
		if err != nil {
			r.gap(ctx, s, a, "datadog:cost_attribution", err)
			continue
		}
		if len(items) == 0 {
			r.leave(a, whyEmpty+": no costs by tag yet, or none", 1)
		}
		key := a.key()
		if chains[key] == nil {
			chains[key] = &chain{answer: a}
			order = append(order, chains[key])
		}
		chains[key].add(a, items, next)
	}
	for _, c := range order {
		if err := c.emit(ctx, s, r); err != nil {
			return err
		}
	}
	return nil
}

// key is the request without what names a page.
func (a recordedAnswer) key() string {
	q := url.Values{}
	for name, v := range a.Request.Query {
		if name != "next_record_id" {
			q[name] = v
		}
	}
	return a.site + "?" + q.Encode()
}

// chain is the recorded pages of one request.
type chain struct {
	answer recordedAnswer
	pages  map[string]chainPage // by the cursor that named them
}

type chainPage struct {
	items []attributedCost
	next  string
}

func (c *chain) add(a recordedAnswer, items []attributedCost, next string) {
	if c.pages == nil {
		c.pages = map[string]chainPage{}
	}
	c.pages[a.Request.Query.Get("next_record_id")] = chainPage{items, next} // asked again: the later answer counts
}

// whole reports whether the pages lead from the first to the last.
func (c *chain) whole() bool {
	cursor, n := "", 0
	for ; n < len(c.pages); n++ {
		p, found := c.pages[cursor]
		if !found {
			return false
		}
		if cursor = p.next; cursor == "" {
			return n+1 == len(c.pages)
		}
	}
	return false
}

func (c *chain) emit(ctx context.Context, s *producers.Scan, r *recording) error {
	v := newViews(r.payer, c.answer.site)
	for _, cursor := range slices.Sorted(maps.Keys(c.pages)) {
		if err := v.add(c.pages[cursor].items, time.Time{}); err != nil {
			r.gap(ctx, s, c.answer, "datadog:cost_attribution", c.answer.Invalid("%w", err))
			return nil
		}
	}
	if err := s.Emit(ctx, v.events...); err != nil {
		return err
	}
	q := c.answer.Request.Query
	month := momentOf(q.Get("start_month"))
	if one := q.Get("end_month"); r.payer == "" || v.items == 0 || month.IsZero() || one != q.Get("start_month") ||
		q.Get("fields") != "*" || q.Get("include_descendants") == "false" || !c.whole() {
		return nil
	}
	s.CompletedCosts(r.payer, monthOf(month), monthOf(month).AddDate(0, 1, 0))
	return nil
}
