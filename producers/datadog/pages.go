package datadog

import (
	"context"
	"maps"
	"net/url"

	"polo/internal/httpsource"
	"polo/producers"
)

// readPages reads a list whose pages name the next one by a cursor, sent as a parameter.
// read returns the cursor of the page after one, or "". It reports whether it read the
// list to its end; else it has left a gap. An error is the emitter's or the context's.
func readPages(ctx context.Context, s *producers.Scan, c *httpsource.Client, first httpsource.Request, parameter, what string, read func(*httpsource.Answer) (string, error)) (bool, error) {
	asked := map[string]bool{}
	for cursor := ""; ; {
		r := first
		if r.Query = maps.Clone(first.Query); r.Query == nil {
			r.Query = url.Values{}
		}
		if cursor != "" {
			r.Query.Set(parameter, cursor)
		}
		asked[cursor] = true
		a, err := c.Do(ctx, r)
		if err == nil {
			s.Page()
			cursor, err = read(a)
		}
		if err == nil && asked[cursor] && cursor != "" {
			err = a.Invalid("its pages have no end: a cursor came again")
		}
		switch {
		case err != nil && (ctx.Err() != nil || producers.IsEmitError(err)):
			return false, err
		case err != nil:
			s.Gap(ctx, what, err)
			return false, nil
		case cursor == "":
			return true, nil
		}
	}
}
