package recorded

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cloudwatch"
	"polo/producers/inventory"
	"polo/producers/recording"
)

// hasCosts reports whether a response's content is Cost Explorer's.
func hasCosts(data []byte) bool { return bytes.Contains(data, []byte(`"ResultsByTime"`)) }

// resources emits the snapshots of a response that lists resources.
func (c *collection) resources(ctx context.Context, service, call string, a answer) error {
	var taking error
	f, byType := frameOf(a.data), map[string]int{}
	outcome, err := c.inventory.Normalise(service, call, a.data, inventory.Origin{
		Account: cmp.Or(f.account, c.AccountID), Region: cmp.Or(f.region, c.Region), At: a.at, ObservedAt: a.observed, Identity: c.Identity,
	}, func(ev envelope.ResourceEvent) error {
		byType[ev.ResourceType]++
		taking = c.emit(ctx, a, ev)
		return taking
	})
	if taking != nil {
		return taking
	}
	if err == nil && outcome.Reason == inventory.ReasonMalformed && len(outcome.Damaged) == 0 {
		err = errNoObject //mutant:lists-vanish
	}
	if err != nil {
		return c.reject(ctx, a.name, queue.Failure{Reason: queue.ReasonMalformedRecord, Err: err.Error(), Body: a.data})
	}
	c.sum.Items += outcome.Items
	c.listed(f, a, outcome, byType)
	if err := c.damaged(ctx, a, outcome); err != nil {
		return err
	}
	items := 0
	for _, reason := range slices.Sorted(maps.Keys(outcome.Left)) {
		items += outcome.Left[reason]
		c.leave(outcome.Left[reason], Left{Why: string(reason), Example: a.name})
	}
	// That there is none, or that the list was refused, is what a recording with a place says.
	said := outcome.Reason == inventory.ReasonEmpty && f.complete || outcome.Reason == inventory.ReasonErrorAnswer && len(outcome.Lists) > 0 && f.account != ""
	if outcome.Reason != "" && outcome.Reason != inventory.ReasonMalformed && items == 0 && !said {
		l := Left{Why: string(outcome.Reason), Example: a.name}
		if outcome.Reason != inventory.ReasonErrorAnswer && outcome.Reason != inventory.ReasonEmpty {
			l.Call = a.call
		}
		c.leave(1, l)
	}
	return nil
}

// damaged rejects the parts of a response that should be items and are not.
func (c *collection) damaged(ctx context.Context, a answer, o inventory.Outcome) error {
	c.sum.Items += len(o.Damaged) + o.MoreDamaged
	for _, d := range o.Damaged {
		f := queue.Failure{Reason: queue.ReasonMalformedRecord, Err: "reading answer: " + d.String(), Body: d.Text, Origin: a.name + "#" + d.Path}
		if err := c.reject(ctx, a.name, f); err != nil {
			return err
		}
	}
	if o.MoreDamaged == 0 {
		return nil
	}
	return c.reject(ctx, a.name, queue.Failure{
		Reason: queue.ReasonMalformedRecord, Err: fmt.Sprintf("reading answer: %d more parts are damaged", o.MoreDamaged),
		Represents: map[queue.Reason]int{queue.ReasonMalformedRecord: o.MoreDamaged},
	})
}

// errNoObject means that a recording is JSON but not an object, as a response is.
var errNoObject = errors.New("reading answer: a list or a bare value, but a response is an object, as the CLI prints without --query")

func (c *collection) emit(ctx context.Context, a answer, events ...envelope.ResourceEvent) error {
	if len(events) == 0 {
		return nil
	}
	c.sum.Events += len(events)
	if !a.dated && c.undated && c.lastUndated != a.name {
		c.sum.Undated++
		c.lastUndated = a.name
	}
	return c.rejects.Emit(ctx, c.emitter.Emit, c.place(a.name, len(events)), events...)
}

// metrics emits the samples of a CloudWatch response.
func (c *collection) metrics(ctx context.Context, a answer) error {
	r, err := cloudwatch.NormaliseRecording(a.data, cloudwatch.Recording{
		Name: a.name, AccountID: c.AccountID, Region: c.Region, ObservedAt: a.observed,
	})
	var refused *recording.Error
	switch {
	case errors.Is(err, cloudwatch.ErrNoValues):
		c.leave(1, Left{Why: WhyNoValues, Example: a.name})
		return nil
	case errors.As(err, &refused):
		return c.refused(ctx, a, refused.Code, refused.Reason, err)
	case err != nil:
		return c.refused(ctx, a, "", queue.ReasonMalformedRecord, err)
	}
	return c.take(ctx, a, r.Events, r.Rejected)
}

func (c *collection) take(ctx context.Context, a answer, events []envelope.ResourceEvent, rejected []queue.Failure) error {
	c.sum.Items += len(events) + len(rejected)
	for _, f := range rejected {
		if err := c.reject(ctx, a.name, f); err != nil {
			return err
		}
	}
	return c.emit(ctx, a, events...)
}

// refused handles a file that became no event. A recorded error, or an object of a call
// that nothing reads, is left out; anything else is a failure.
func (c *collection) refused(ctx context.Context, a answer, code string, reason queue.Reason, err error) error {
	switch {
	case code != "":
		c.leave(1, Left{Why: WhyError, Example: a.name})
		return nil
	case reason == queue.ReasonUnknownRecord && bytes.HasPrefix(bytes.TrimLeft(a.data, "\xef\xbb\xbf \t\r\n"), []byte("{")):
		c.leave(1, Left{Why: WhyUncovered, Call: a.call, Example: a.name})
		return nil
	case reason == queue.ReasonUnknownRecord:
		reason = queue.ReasonMalformedRecord
	}
	return c.reject(ctx, a.name, queue.Failure{Reason: reason, Err: err.Error(), Body: a.data})
}
