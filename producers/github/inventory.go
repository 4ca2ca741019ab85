package github

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"polo/envelope"
	"polo/internal/account"
	"polo/internal/httpsource"
	"polo/producers"
)

// SourceInventory is the source of what is in organisations.
const SourceInventory = "github.inventory"

// Inventory reads what is in each organisation.
type Inventory struct {
	cfg     Config
	clients *Clients
}

var _ producers.Collector = (*Inventory)(nil)

// NewInventory returns the collector of what is in organisations.
func NewInventory(cfg Config, clients *Clients) *Inventory { return &Inventory{cfg, clients} }

// Source implements producers.Collector.
func (*Inventory) Source() string { return SourceInventory }

// Scopes implements producers.Collector: the organisations.
func (c *Inventory) Scopes([]account.Account, []string) []producers.Scope {
	return scopes(c.cfg.place(), c.cfg.organisations())
}

// Collect implements producers.Collector. A kind of which a list cannot be read, or not all of it, leaves a gap; the others are completed.
func (c *Inventory) Collect(ctx context.Context, s *producers.Scan) error {
	o, err := scoped(c.cfg.place(), c.cfg.organisations(), s)
	if err != nil {
		return err
	}
	client, err := c.clients.of(ctx, o)
	if err != nil {
		return err
	}
	for _, k := range kinds() {
		if err := c.kind(ctx, s, client, o, k); err != nil {
			if producers.IsEmitError(err) {
				return err
			}
			s.Gap(ctx, service+":"+k.name, err)
			var refused *httpsource.Error
			client.concealed = client.concealed || k.name == "team" && errors.As(err, &refused) && refused.Reason == httpsource.Denied
			continue
		}
		s.Completed(service + ":" + k.name)
	}
	return nil
}

// kind reads the lists of a kind.
func (c *Inventory) kind(ctx context.Context, s *producers.Scan, client *access, o owner, k kind) error {
	for _, l := range k.calls {
		count, total, isClassic := 0, -1, false
		first := httpsource.Request{Path: o.path() + l.path, Query: l.with()}
		var partial error
		for p, err := range httpsource.Pages(ctx, client.Client, first, func(a *httpsource.Answer, p *page) (*httpsource.Request, error) {
			if !p.read(l) {
				return nil, a.Invalid("its answer is no list of %s", k.name)
			}
			if partial == nil {
				partial = k.partial(a, client)
			}
			_, isClassic = a.Header["X-Oauth-Scopes"]
			next, err := client.NextLink(a)
			if next == nil && len(p.items) >= fullPage {
				a.Forget() // its items stay the same when a page follows
			}
			return next, err
		}) {
			if err != nil {
				return fmt.Errorf("listing %s: %w", k.name, err)
			}
			s.Page()
			count, total = count+len(p.items), p.total
			if l.one {
				client.repos = repositories(p.items[0])
			}
			events, err := k.snapshots(s.At, c.cfg.place(), o.name, l, p.items)
			if err != nil {
				return fmt.Errorf("listing %s: %w: %w", k.name, producers.ErrInvalidAnswer, err)
			}
			if err := s.Emit(ctx, events...); err != nil {
				return err
			}
		}
		if k.name == "repo" && !client.app {
			// A fine-grained token may be of selected repositories, a classic one of somebody who was given some, and neither says so.
			if total = client.repos; total < 0 && !isClassic && partial == nil {
				partial = &httpsource.Error{
					Request: first, Reason: string(producers.GapPartial),
					Message: "a fine-grained token may see selected repositories only, and the organisation does not state how many it has",
				}
			}
		}
		if partial == nil && total > count {
			partial = &httpsource.Error{Request: first, Reason: string(producers.GapPartial), Message: fmt.Sprintf("%d items came of %d", count, total)}
		}
		if partial != nil {
			return partial
		}
	}
	return nil
}

// repositories returns how many repositories an organisation states that it has, -1 if it states only the public ones.
func repositories(org object) int {
	public, err := strconv.Atoi(org.text("public_repos"))
	private, privateErr := strconv.Atoi(org.text("total_private_repos"))
	if err != nil || privateErr != nil {
		return -1
	}
	return public + private
}

// snapshots returns the snapshots of items. An organisation is an account, too.
func (k kind) snapshots(ts time.Time, at place, login string, l call, items []object) ([]envelope.ResourceEvent, error) {
	var events []envelope.ResourceEvent
	for _, item := range items {
		e, err := k.resource(SourceInventory, envelope.TypeSnapshot, ts, at, login, item, l)
		if err != nil {
			return nil, err
		}
		events = append(events, e)
		if k.name == "org" {
			events = append(events, described(e))
		}
	}
	return events, nil
}

// described returns the description of an organisation's account.
func described(org envelope.ResourceEvent) envelope.ResourceEvent {
	e := org
	e.EventType = envelope.TypeAccountDescribed
	e.EventID = envelope.NewEventID(e.Source, e.TS, e.EventType, e.ARN)
	e.Properties = slices.Clone(e.Properties)
	return e
}

// partial says why a list, although it came to its end, is not all that there is: what a credential may not see is left out without a word.
//
// Source: GitHub, "Authenticating with SAML single sign-on", "Scopes for OAuth apps"; "List organization repositories".
func (k kind) partial(a *httpsource.Answer, client *access) error {
	why := ""
	scopes, isClassic := a.Header["X-Oauth-Scopes"]
	switch {
	case strings.HasPrefix(a.Header.Get("X-Github-Sso"), "partial-results"):
		why = "the credential has not signed on to every organisation"
	case k.name == "repo" && client.selected:
		why = "the App is installed on selected repositories only, and sees no others"
	case k.name == "repo" && isClassic && !slices.Contains(strings.Split(strings.ReplaceAll(strings.Join(scopes, ","), " ", ""), ","), "repo"):
		why = "without the scope repo the credential sees public repositories only"
	case k.name == "member" && client.concealed:
		why = "it takes the permission that teams take, and without it shows the public ones only"
	case (k.name == "team" || k.name == "member") && isClassic && !strings.Contains(strings.Join(scopes, ","), ":org"):
		why = "without the scope read:org the credential sees only those that are public"
	}
	if why == "" {
		return nil
	}
	return &httpsource.Error{Request: a.Request, Reason: string(producers.GapPartial), Message: why}
}
