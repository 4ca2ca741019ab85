package datadog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/producers"
	"polo/producers/exchange"
)

// reader returns the reader of a source's recorded exchanges. Each exchange of Datadog's
// belongs to one source; those that nothing reads, to Source.
func reader(name string, read func(context.Context, *producers.Scan, *recording) error) *exchange.Reader {
	return &exchange.Reader{
		Knows: func(e *exchange.Exchange) bool {
			c, ok := callOf(e)
			return ok && c.owner() == name
		},
		New: func(all []exchange.Exchange, left func(exchange.Left)) producers.Collector {
			return &recorded{name: name, all: all, left: left, read: read}
		},
	}
}

// recorded is the collector of one source's recorded exchanges.
//
// An answer does not say which organisation was asked, and paid. It is the account that is
// given, if that is a public id; else each organisation that an answer names pays for
// itself, and what names none has no account. Give the payer where its costs are collected
// as well: only then are a sub-organisation's lines the same as the collector's.
type recorded struct {
	name string
	all  []exchange.Exchange
	left func(exchange.Left)
	read func(context.Context, *producers.Scan, *recording) error
}

var _ producers.Collector = (*recorded)(nil)

// Source implements producers.Collector.
func (c *recorded) Source() string { return c.name }

// Scopes implements producers.Collector: one, of the site that was asked if that is one.
func (c *recorded) Scopes(accounts []account.Account, _ []string) []producers.Scope {
	scope := producers.Scope{}
	asked := map[string]bool{}
	for i := range c.all {
		if site := siteAsked(&c.all[i]); site != "" {
			asked[site] = true
			scope.Region = site
		}
	}
	if len(asked) > 1 {
		scope.Region = ""
	}
	for _, a := range accounts {
		if IsPublicID(a.ID) {
			scope.Account = a
			break
		}
	}
	return []producers.Scope{scope}
}

// recording is what a source reads of a file.
type recording struct {
	// payer is the organisation that is given, or "".
	payer   string
	answers []recordedAnswer
	left    func(exchange.Left)
	// gaps are the parts that have one.
	gaps map[string]bool
}

// recordedAnswer is an answer that is no error.
type recordedAnswer struct {
	*httpsource.Answer
	call     call
	exchange *exchange.Exchange
	// site is empty if it is not stated.
	site string
	// mark distinguishes what does not state its organisation.
	mark string
}

// Collect implements producers.Collector.
func (c *recorded) Collect(ctx context.Context, s *producers.Scan) error {
	r := &recording{payer: s.Account.ID, left: c.left, gaps: map[string]bool{}}
	for i := range c.all {
		e := &c.all[i]
		what, _ := callOf(e)
		a := recordedAnswer{call: what, exchange: e, site: siteAsked(e)}
		switch {
		case e.Status/100 != 2:
			r.leave(a, fmt.Sprintf("the answer is an error: %d %s", e.Status, http.StatusText(e.Status)), 1)
			continue
		case what.why != "":
			r.leave(a, what.why, 1)
			continue
		case len(e.Body) == 0:
			r.leave(a, whyEmpty, 1)
			continue
		}
		request := httpsource.Request{Method: orGet(e.Method), Body: e.RequestBody}
		if e.URL != nil {
			request.Path, request.Query = e.URL.Path, e.URL.Query()
		}
		sum := sha256.Sum256(e.Body)
		a.mark = hex.EncodeToString(sum[:])
		a.Answer = &httpsource.Answer{Request: request, Status: e.Status, Header: e.Header, Body: e.Body}
		r.answers = append(r.answers, a)
	}
	return c.read(ctx, s, r)
}

// leave accounts for an exchange, or for count items of it, that became no event.
func (r *recording) leave(a recordedAnswer, why string, count int) {
	r.left(exchange.Left{Why: why, Call: nameOf(a.exchange, a.call), Count: count})
}

// gap reports an answer that is not as documented. A part has one gap: others of it are left
// out.
func (r *recording) gap(ctx context.Context, s *producers.Scan, a recordedAnswer, what string, err error) {
	if name := nameOf(a.exchange, a.call); name != "" && !strings.Contains(what, " ") {
		what += " " + name
	}
	if r.gaps[what] {
		r.leave(a, exchange.WhyInvalid, 1)
	}
	r.gaps[what] = true
	s.Gap(ctx, what, err)
}

// payerOf returns who pays for an organisation.
func (r *recording) payerOf(organisation string) string {
	if r.payer != "" {
		return r.payer
	}
	return organisation
}

// siteAsked returns the site of an exchange, "" if it is not stated.
func siteAsked(e *exchange.Exchange) string {
	if e.URL == nil {
		return ""
	}
	return siteOf(e.URL.Hostname())
}
