package cloudflare

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"polo/internal/httpsource"
)

var errNoList = errors.New("its result is no list of objects")

// api answers requests: httpsource.Client, or a recording.
type api interface {
	Do(context.Context, httpsource.Request) (*httpsource.Answer, error)
}

// reply is what every answer is wrapped in.
type reply struct {
	Result  json.RawMessage `json:"result"`
	Success *bool           `json:"success"`
	Info    resultInfo      `json:"result_info"`
}

// resultInfo is what an answer says about its list. It is not always true.
type resultInfo struct {
	Page       count  `json:"page"`
	PerPage    count  `json:"per_page"`
	Count      count  `json:"count"`
	TotalCount count  `json:"total_count"`
	TotalPages count  `json:"total_pages"`
	Cursor     string `json:"cursor"`
	Cursors    struct {
		After string `json:"after"`
	} `json:"cursors"`
}

// count is a number, also one that is written as text. It is not set if it is neither.
type count struct {
	n   int64
	set bool
}

// UnmarshalJSON never fails: what is no number states nothing.
func (c *count) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(text), `"`), 10, 64)
	*c = count{n: n, set: err == nil && n >= 0}
	return nil
}

// partial says that a list ended before all of it came. It is a gap.
type partial struct{ message string }

func (e *partial) Error() string { return e.message }

// GapReason implements what producers.Scan.Gap asks of an error.
func (e *partial) GapReason() string { return "partial" }

func partialf(format string, args ...any) error { return &partial{fmt.Sprintf(format, args...)} }

// paging is how a list continues.
type paging uint8

const (
	single   paging = iota // one answer has it all
	numbered               // page=2, by total_count and total_pages
	cursored               // cursor=TEXT, until there is none
)

// list is a list to read.
type list struct {
	first httpsource.Request
	// in is the result's member that holds the items; empty if the result is the list.
	in     string
	paging paging
	// id is the member that no two items share.
	id string
}

// read calls each with the items of every page, each item once. It returns nil only if the
// pages prove that all of the list came: as many items as were promised, and a last page
// that was short or numbered the last.
func (l list) read(ctx context.Context, c api, each func(*httpsource.Answer, []item) error) error {
	r := l.first
	seen, got := map[string]bool{}, 0
	var lied error
	for number := l.number(); ; number++ {
		answer, err := c.Do(ctx, r)
		if err != nil {
			return err
		}
		page, all, err := l.decode(answer)
		if err != nil {
			return err
		}
		items := all[:0:0]
		for _, it := range all {
			if id := it.text(l.id); id == "" || !seen[id] {
				seen[id] = true
				items = append(items, it)
			}
		}
		if err := each(answer, items); err != nil {
			return err
		}
		got += len(items)
		if l.paging != cursored && page.Count.set && page.Count.n != int64(len(all)) {
			lied = partialf("a page has %d items and says that it has %d", len(all), page.Count.n)
		}
		next, err := l.next(r, page, number, len(all), len(items), got)
		if next == nil {
			if err == nil {
				err = lied
			}
			return err
		}
		r = *next
	}
}

// number returns the number of the first page.
func (l list) number() int64 {
	n, err := strconv.ParseInt(l.first.Query.Get("page"), 10, 64)
	if err != nil {
		return 1
	}
	return n
}

func (l list) decode(a *httpsource.Answer) (resultInfo, []item, error) {
	var body reply
	if err := a.Decode(&body); err != nil {
		return resultInfo{}, nil, err
	}
	if body.Success == nil || !*body.Success {
		return resultInfo{}, nil, a.Invalid("its answer does not say success")
	}
	items, err := decodeItems(body.Result, l.in)
	if err != nil {
		return resultInfo{}, nil, a.Invalid("%w", err)
	}
	return body.Info, items, nil
}

// next returns the request of the next page, or nil after the last one. came is how many
// items a page had, fresh how many of them were new, and got how many came in all.
func (l list) next(r httpsource.Request, info resultInfo, number int64, came, fresh, got int) (*httpsource.Request, error) {
	if l.paging == cursored {
		cursor := cmp.Or(info.Cursor, info.Cursors.After)
		if cursor == "" || came == 0 {
			return nil, nil
		}
		if cursor == r.Query.Get("cursor") || fresh == 0 {
			return nil, partialf("the cursor of %s leads back", r.Path)
		}
		return with(r, "cursor", cursor), nil
	}
	size, err := strconv.ParseInt(r.Query.Get("per_page"), 10, 64)
	if stated := info.PerPage.n; err != nil || stated > 0 && stated < size {
		size = stated // what was asked for is not always given
	}
	missing := info.TotalCount.set && int64(got) < info.TotalCount.n
	end := came == 0 || size > 0 && int64(came) < size || info.TotalPages.set && number >= info.TotalPages.n
	switch {
	case l.paging == numbered && fresh > 0 && (missing || !end):
		return with(r, "page", strconv.FormatInt(number+1, 10)), nil
	case info.TotalCount.set && int64(got) != info.TotalCount.n:
		return nil, partialf("%d items of %d came", got, info.TotalCount.n)
	case l.paging == numbered && !end:
		return nil, partialf("after page %d nothing new came", number)
	}
	return nil, nil
}

func with(r httpsource.Request, name, value string) *httpsource.Request {
	query := url.Values{}
	maps.Copy(query, r.Query)
	query.Set(name, value)
	r.Query = query
	return &r
}
