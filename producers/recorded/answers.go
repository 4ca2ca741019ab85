package recorded

import (
	"bytes"
	"context"
	"errors"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cloudwatch"
	"polo/producers/costexplorer"
	"polo/producers/inventory"
)

// hasCosts tells by its content whether an answer is one of Cost Explorer.
func hasCosts(data []byte) bool { return bytes.Contains(data, []byte(`"ResultsByTime"`)) }

// resources emits the snapshots of an answer that lists resources.
func (c *collection) resources(ctx context.Context, name, service, call string, data []byte, at time.Time) error {
	events, outcome, err := c.inventory.Normalise(service, call, data, inventoryOrigin(c, at))
	if err != nil {
		return c.reject(ctx, name, queue.Failure{Reason: queue.ReasonMalformedRecord, Err: err.Error(), Body: data})
	}
	c.sum.Items += outcome.Items
	if outcome.Reason != "" {
		c.sum.Left[string(outcome.Reason)]++
	}
	for reason, n := range outcome.Left {
		c.sum.Left[string(reason)] += n
	}
	return c.emit(ctx, events)
}

func (c *collection) emit(ctx context.Context, events []envelope.ResourceEvent) error {
	c.sum.Events += len(events)
	if len(events) == 0 {
		return nil
	}
	return c.emitter.Emit(ctx, events...)
}

// costs emits the lines of an answer of Cost Explorer.
func (c *collection) costs(ctx context.Context, name string, data []byte) error {
	r, err := costexplorer.NormaliseRecording(data, costexplorer.Recording{
		Name: name, Payer: c.AccountID, ObservedAt: c.ObservedAt, Identity: c.Identity.OfTags,
	})
	var refused *costexplorer.RecordingError
	switch {
	case errors.As(err, &refused):
		return c.refused(ctx, name, data, refused.Code, refused.Reason, err)
	case err != nil:
		return c.refused(ctx, name, data, "", queue.ReasonMalformedRecord, err)
	}
	return c.take(ctx, name, r.Events, r.Rejected)
}

// metrics emits the samples of an answer of CloudWatch.
func (c *collection) metrics(ctx context.Context, name string, data []byte) error {
	r, err := cloudwatch.NormaliseRecording(data, cloudwatch.Recording{
		Name: name, AccountID: c.AccountID, Region: c.Region, ObservedAt: c.ObservedAt,
	})
	var refused *cloudwatch.RecordingError
	switch {
	case errors.Is(err, cloudwatch.ErrNoValues):
		c.sum.Left["no values"]++
		return nil
	case errors.As(err, &refused):
		return c.refused(ctx, name, data, refused.Code, refused.Reason, err)
	case err != nil:
		return c.refused(ctx, name, data, "", queue.ReasonMalformedRecord, err)
	}
	return c.take(ctx, name, r.Events, r.Rejected)
}

func (c *collection) take(ctx context.Context, name string, events []envelope.ResourceEvent, rejected []queue.Failure) error {
	c.sum.Items += len(events) + len(rejected)
	for _, f := range rejected {
		if err := c.reject(ctx, name, f); err != nil {
			return err
		}
	}
	return c.emit(ctx, events)
}

// refused is a file of which nothing became an event: an error that was recorded is what
// it is, and so is a call that nothing reads; anything else is a fault.
func (c *collection) refused(ctx context.Context, name string, data []byte, code string, reason queue.Reason, err error) error {
	switch {
	case code != "":
		c.sum.Left["error_answer"]++
		return nil
	case reason == queue.ReasonUnknownRecord:
		c.sum.Left["not_covered"]++
		return nil
	}
	return c.reject(ctx, name, queue.Failure{Reason: reason, Err: err.Error(), Body: data})
}

func inventoryOrigin(c *collection, at time.Time) inventory.Origin {
	return inventory.Origin{Account: c.AccountID, Region: c.Region, At: at, ObservedAt: c.ObservedAt, Identity: c.Identity}
}
