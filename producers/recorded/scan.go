package recorded

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/go-faster/jx"

	"polo/envelope"
	"polo/producers"
	"polo/producers/inventory"
)

// frame is what a recorder may state of a response, beside it: {"status_code": 200, "account_id": ...,
// "region": ..., "complete": true, "data": {...}}. Complete means that the pages recorded at this time are all of
// the list.
type frame struct {
	account, region string
	complete        bool
}

// frameOf returns what the recorder states. Without "status_code" and "data" there is no frame, and members of these
// names are the response's own.
func frameOf(data []byte) frame {
	var f frame
	members := 0
	err := jx.DecodeBytes(bytes.TrimPrefix(data, []byte("\uFEFF"))).ObjBytes(func(d *jx.Decoder, name []byte) (err error) {
		kind := d.Next()
		switch {
		case string(name) == "account_id" && kind == jx.String:
			f.account, err = d.Str()
		case string(name) == "region" && kind == jx.String:
			f.region, err = d.Str()
		case string(name) == "complete" && kind == jx.Bool:
			f.complete, err = d.Bool()
		default:
			if string(name) == "status_code" || string(name) == "data" {
				members++
			}
			err = d.Skip()
		}
		return err
	})
	if err != nil || members < 2 {
		return frame{}
	}
	return f
}

// list identifies a list that was read at a time, in one response or in several pages.
type list struct {
	source, account, region, resourceType string
	at                                    time.Time
}

// pages is what the responses of a list come to.
type pages struct {
	events           int
	complete, broken bool
	// refused is the error that a response is, "" if none is one.
	refused producers.GapReason
	code    string
}

// listed counts a response's part of the lists that it has, unless its recorder does not state where
// it is from.
func (c *collection) listed(f frame, a answer, o inventory.Outcome, byType map[string]int) {
	if f.account == "" {
		return
	}
	broken := len(o.Damaged) > 0 || o.Left[inventory.ReasonInvalid]+o.Left[inventory.ReasonNoARN]+o.Left[inventory.ReasonNoPlace] > 0
	for _, l := range o.Lists {
		region := f.region
		switch {
		case l.Anywhere:
			region = producers.AnyRegion
		case l.Global:
			region = ""
		case region == "":
			continue
		}
		if c.lists == nil {
			c.lists = map[list]pages{}
		}
		key := list{l.Source, f.account, region, l.Type, a.at}
		p := c.lists[key]
		p.events += byType[l.Type]
		p.complete, p.broken = p.complete || f.complete, p.broken || broken
		if o.Reason == inventory.ReasonErrorAnswer {
			p.refused, p.code = producers.GapOfAnswer(o.Code, o.Status), o.Code
		}
		c.lists[key] = p
	}
}

// emitCompletions emits the completion of every list that was read to its end, and the gap of every
// one that was refused.
func (c *collection) emitCompletions(ctx context.Context) error {
	var events []envelope.ResourceEvent
	for _, l := range slices.SortedFunc(maps.Keys(c.lists), func(a, b list) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.source, b.source), cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region), cmp.Compare(a.resourceType, b.resourceType))
	}) {
		p := c.lists[l]
		eventType := envelope.TypeScanCompleted
		switch {
		case p.refused != "":
			eventType = envelope.TypeScanIncomplete
		case !p.complete || p.broken: //mutant:recorded-lists-complete
			continue
		}
		e := envelope.ResourceEvent{
			EventID:   envelope.NewEventID(l.source, l.at, "recorded scan", l.account, l.region, l.resourceType),
			EventType: eventType, Source: l.source, Platform: producers.PlatformOf(l.source), TS: l.at, ObservedAt: l.at,
			AccountID: l.account, Region: l.region, ResourceType: l.resourceType, State: string(p.refused), ErrorCode: p.code,
		}
		if p.refused == "" {
			e.Properties.Set(envelope.PropEvents, strconv.Itoa(p.events))
		}
		events = append(events, e)
	}
	if len(events) == 0 {
		return nil
	}
	// A completion counts once what it covers has arrived.
	if err := c.emitter.Flush(ctx); err != nil {
		return err
	}
	return c.emit(ctx, answer{dated: true}, events...)
}
