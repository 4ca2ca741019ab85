package httpsource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
)

// maxPages bounds a list: a source that names ever further pages would be read for ever.
const maxPages = 100_000

// Decode reads the answer's JSON into v. Numbers in an any are json.Number, so that none loses a digit. An error has the reason Invalid.
func (a *Answer) Decode(v any) error {
	d := json.NewDecoder(bytes.NewReader(a.Body))
	d.UseNumber()
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more follows its JSON")
		}
	}
	if err != nil {
		return a.Invalid("its answer is not as documented: %w", err)
	}
	return nil
}

// Invalid says that the answer is not as documented.
func (a *Answer) Invalid(format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Request: a.Request, Status: a.Status, Reason: Invalid, Message: err.Error(), cause: errors.Unwrap(err)}
}

// Pages reads a list page by page, each into a new T. next returns the request of the page that follows, or nil after the last one. An error
// ends the list: only a list that ended without one was read whole.
func Pages[T any](ctx context.Context, c *Client, first Request, next func(*Answer, *T) (*Request, error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		asked := map[string]bool{}
		for r := &first; r != nil; {
			key := r.Path + "?" + r.Query.Encode() + "\n" + string(r.Body)
			answer, err := c.Do(ctx, *r)
			var page T
			if err == nil && (asked[key] || len(asked) == maxPages) {
				err = answer.Invalid("its pages have no end: page %d was named before", len(asked)+1)
			}
			asked[key] = true
			if err == nil {
				err = answer.Decode(&page)
			}
			if err == nil {
				r, err = next(answer, &page)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&page, nil) {
				return
			}
		}
	}
}

// NextLink returns the request that an answer's Link header calls the next one, nil if there is none. Another host than the client's is an error.
func (c *Client) NextLink(a *Answer) (*Request, error) {
	for _, link := range strings.Split(strings.Join(a.Header.Values("Link"), ","), ",") {
		target, params, _ := strings.Cut(strings.TrimSpace(link), ";")
		if !strings.Contains(strings.ReplaceAll(params, " ", ""), `rel="next"`) {
			continue
		}
		to, err := url.Parse(strings.Trim(target, "<>"))
		if err != nil || to.Host != c.base.Host || to.Scheme != c.base.Scheme || !strings.HasPrefix(to.Path, c.base.Path+"/") {
			return nil, a.Invalid("its next page is not on %s", c.base.Host)
		}
		return &Request{Method: http.MethodGet, Path: strings.TrimPrefix(to.Path, c.base.Path), Query: to.Query()}, nil
	}
	return nil, nil
}
