package datadog

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"polo/producers"
)

const (
	whyOtherSplit = "another answer states the same, split by as many tags or more"
	whyAskedAgain = "the page was asked for again: the later answer counts"
)

// readAttributions reads recorded costs and usage by tag. A month of costs is completed if
// its pages are there from the first to the last.
func readAttributions(ctx context.Context, s *producers.Scan, r *recording) error {
	chains := map[string]*chain{}
	var order []*chain
	for _, a := range r.bestSplits() {
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
		key := a.key("next_record_id")
		if chains[key] == nil {
			chains[key] = &chain{answer: a}
			order = append(order, chains[key])
		}
		chains[key].add(r, a, items, next)
	}
	for _, c := range order {
		if err := c.emit(ctx, s, r); err != nil {
			return err
		}
	}
	return nil
}

// bestSplits returns the answers but for those of a request that asks for the same as another
// by other tags: the one by the most tags counts, of equals the last. Their sum would be twice
// the truth. The first request of the collector, which learns the tags, is such a one.
func (r *recording) bestSplits() []recordedAnswer {
	const split = "tag_breakdown_keys"
	best := map[string]string{}
	for _, a := range r.answers {
		key, tags := a.key("next_record_id", split), a.Request.Query.Get(split)
		if have, found := best[key]; !found || len(strings.Split(tags, ",")) >= len(strings.Split(have, ",")) && tags != "" {
			best[key] = tags
		}
	}
	return slices.DeleteFunc(slices.Clone(r.answers), func(a recordedAnswer) bool {
		if a.exchange.URL == nil || best[a.key("next_record_id", split)] == a.Request.Query.Get(split) {
			return false
		}
		r.leave(a, whyOtherSplit, 1)
		return true
	})
}

// key is the request without some of its parameters; of a bare answer it is the answer.
func (a recordedAnswer) key(without ...string) string {
	if a.exchange.URL == nil {
		return a.mark
	}
	q := maps.Clone(a.Request.Query)
	for _, name := range without {
		q.Del(name)
	}
	return a.site + a.Request.Path + "?" + q.Encode()
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

// add adds a page. Of one that was asked for again the later answer counts.
func (c *chain) add(r *recording, a recordedAnswer, items []attributedCost, next string) {
	if c.pages == nil {
		c.pages = map[string]chainPage{}
	}
	cursor := a.Request.Query.Get("next_record_id")
	if _, again := c.pages[cursor]; again {
		r.leave(a, whyAskedAgain, 1)
	}
	c.pages[cursor] = chainPage{items, next}
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
