package inventory

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/sync/errgroup"

	"polo/envelope"
	"polo/producers"
	"polo/producers/inventory/document"
)

// detailsAtOnce bounds the concurrent further calls. Their rates bound them, too; concurrency
// hides latency.
const detailsAtOnce = 8

// reader reads one scope.
type reader struct {
	*Collector
	scan  *producers.Scan
	cfg   aws.Config
	maker maker
	// broken are the types that were not read to the end.
	broken map[string]bool
	// unreadParents are the errors of hidden entries that could not be read, by type.
	unreadParents map[string]error
	// found are the items of types that contain others.
	found   map[string][]item
	mu      sync.Mutex
	clients map[reflect.Type]any
}

func newReader(c *Collector, s *producers.Scan, cfg aws.Config) *reader {
	r := &reader{
		Collector: c, scan: s, cfg: cfg, broken: map[string]bool{}, unreadParents: map[string]error{}, found: map[string][]item{}, clients: map[reflect.Type]any{},
		maker: maker{source: c.Source(), at: s.At, observedAt: s.ObservedAt, identity: s.Identity(), owners: owners{}},
	}
	r.maker.place = placeOf(s.Region, s.Account.ID)
	if s.Region == "" {
		r.maker.place.partition = envelope.PartitionOf(cfg.Region)
	}
	for _, e := range c.service.entries {
		if e.In != "" {
			r.found[e.In] = nil
		}
	}
	return r
}

// entry reads one entry's list to the end. An error ends the scope.
func (r *reader) entry(ctx context.Context, e *entry) error {
	if e.Hidden {
		if err := r.list(ctx, e, item{}, nil, false); err != nil {
			// The gap of this type belongs to another collector.
			r.unreadParents[e.Type] = err
		}
		return nil
	}
	missing := false
	tags, err := r.tagsOf(ctx, e)
	if err != nil {
		missing = true
		r.gap(ctx, e.Type, fmt.Errorf("reading tags of %s: %w", e.Type, err))
	}
	for _, parent := range r.service.entries {
		if err := r.unreadParents[parent.Type]; err != nil && parent.Hidden && e.inheritsFrom(parent) {
			missing = true
			r.gap(ctx, e.Type, fmt.Errorf("reading %s, of which it inherits: %w", parent.Type, err))
		}
	}
	within := []item{{}}
	if e.In != "" {
		within = r.found[e.In]
		if r.broken[e.In] {
			r.gap(ctx, e.Type, fmt.Errorf("calling %s: not every %s is known", e.List.Name, e.In))
		}
	}
	for _, in := range within {
		err := r.list(ctx, e, in, tags, missing)
		switch {
		case err == nil:
		case producers.IsEmitError(err):
			return err
		default:
			r.gap(ctx, e.Type, fmt.Errorf("calling %s: %w", e.List.Name, err))
		}
	}
	return nil
}

// gap reports a gap, once per type.
func (r *reader) gap(ctx context.Context, typ string, err error) {
	if !r.broken[typ] {
		r.scan.Gap(ctx, typ, err)
	}
	r.broken[typ] = true
}

// list reads the pages of one list. missing means that the items' tags or their parents' could
// not be read.
func (r *reader) list(ctx context.Context, e *entry, in item, tags map[string]envelope.Pairs, missing bool) error {
	return r.call(ctx, e.List, []item{in}, func(output document.Value) error {
		var around []document.Object
		if in.object != nil {
			around = []document.Object{in.object}
		}
		return r.page(ctx, e, e.readings[0].in(output, around...).items, tags, missing)
	})
}

// call makes the requests of one call.
func (r *reader) call(ctx context.Context, c Call, about []item, answer func(document.Value) error) error {
	if r.answers != nil {
		return r.replay(c, about, answer)
	}
	rate := r.service.rate(c)
	return c.read(ctx, r.client(c), about, func() error { return r.scan.Wait(ctx, rate) }, func(output any) error {
		r.scan.Page()
		return answer(document.FromSDK(output))
	})
}

// client returns a call's client and keeps it for reuse.
func (r *reader) client(c Call) any {
	r.mu.Lock()
	defer r.mu.Unlock()
	// Two versions of an API share call names, but not answer types.
	key := reflect.TypeOf(c.output)
	client := r.clients[key]
	if client == nil {
		client = c.open(r.cfg)
		r.clients[key] = client
	}
	return client
}

// page emits the items of one page.
func (r *reader) page(ctx context.Context, e *entry, items []item, tags map[string]envelope.Pairs, missing bool) error {
	found := r.detailed(ctx, e, items)
	events := make([]envelope.ResourceEvent, 0, len(found))
	for _, f := range found {
		ev, why := r.maker.make(e, f.item, tags[r.tagKey(e, f.item, tags)], f.missing || missing)
		switch {
		case why == "" && ev.AccountID != r.scan.Account.ID, why == "" && e.Type == sweepType && r.covered[ev.ResourceType]:
			continue // ReasonForeign, ReasonCovered
		case why != "":
			r.gap(ctx, e.Type, fmt.Errorf("%w: an item of %s: %s", producers.ErrInvalidAnswer, e.List.Name, why))
			continue
		}
		if _, wanted := r.found[e.Type]; wanted && ev.EventType != envelope.TypeResourceDeleted {
			r.found[e.Type] = append(r.found[e.Type], f.item)
		}
		events = append(events, ev)
	}
	if e.Hidden {
		return nil
	}
	return r.scan.Emit(ctx, events...)
}

// tagKey returns an item's ARN if tags are kept by ARN.
func (r *reader) tagKey(e *entry, it item, tags map[string]envelope.Pairs) string {
	if len(tags) == 0 {
		return ""
	}
	key, _ := e.keyOf(it, r.maker.place)
	return key.ARN
}

// detailedItem is an item after the further calls about it.
type detailedItem struct {
	item
	missing, gone bool
}

// detailed makes the further calls about the items of a page.
func (r *reader) detailed(ctx context.Context, e *entry, items []item) []detailedItem {
	out := make([]detailedItem, len(items))
	for i, it := range items {
		out[i].item = it
	}
	for _, d := range e.details {
		var g errgroup.Group
		g.SetLimit(detailsAtOnce)
		if r.answers != nil {
			g.SetLimit(1) // recordings are played in their order
		}
		for batch := range slices.Chunk(out, max(d.Batch, 1)) {
			if !d.concerns(batch[0].item) {
				continue
			}
			g.Go(func() error { r.detail(ctx, e, d, batch); return nil })
		}
		_ = g.Wait() // an error is a gap
		out = slices.DeleteFunc(out, func(f detailedItem) bool { return f.gone })
	}
	return out
}

// detail makes one further call. If it is refused, its items are marked missing, and the type has
// a gap.
func (r *reader) detail(ctx context.Context, e *entry, d detail, batch []detailedItem) {
	about := make([]item, len(batch))
	for i := range batch {
		about[i] = batch[i].item
	}
	answered := make([]bool, len(batch))
	err := r.call(ctx, d.Call, about, func(output document.Value) error {
		for _, part := range d.at.in(output).items {
			for i := range batch {
				if len(batch) == 1 && d.Match == "" || d.Match != "" && d.theirs.text(part) == d.ours.text(about[i]) {
					batch[i].item, answered[i] = batch[i].item.with(d.said(part.object)).with(d.instead), true
				}
			}
		}
		return nil
	})
	var coded interface{ ErrorCode() string }
	absent := errors.As(err, &coded) && slices.Contains(d.absent, coded.ErrorCode())
	for i := range batch {
		if absent && !d.Whole { //mutant:absent-settings-were-read
			batch[i].item = batch[i].with(d.instead)
		}
		batch[i].gone = d.Whole && !answered[i] && (err == nil || absent)
		batch[i].missing = batch[i].missing || err != nil && !absent
	}
	if err == nil || absent {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gap(ctx, e.Type, fmt.Errorf("calling %s: %w", d.Call.Name, err))
}
