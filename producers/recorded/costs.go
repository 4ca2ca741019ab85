package recorded

import (
	"context"
	"errors"
	"fmt"

	"polo/internal/queue"
	"polo/producers/costexplorer"
	"polo/producers/recording"
)

// costs collects the responses of Cost Explorer. Several may state the same money, so which of
// them counts is known only after all are read.
type costs struct {
	choice costexplorer.Choice
	// answers are the collected responses, without their data.
	answers []answer
}

// note adds a response of Cost Explorer. emitCosts emits its lines at the end.
func (c *collection) note(ctx context.Context, a answer) error {
	r := c.recordingOf(a)
	got, err := costexplorer.NormaliseRecording(a.data, r)
	var refused *recording.Error
	switch {
	case errors.As(err, &refused):
		return c.refused(ctx, a, refused.Code, refused.Reason, err)
	case err != nil:
		return c.refused(ctx, a, "", queue.ReasonMalformedRecord, err)
	}
	c.costs.choice.Note(r, got)
	a.data = nil
	c.costs.answers = append(c.costs.answers, a)
	return nil
}

func (c *collection) recordingOf(a answer) costexplorer.Recording {
	return costexplorer.Recording{Name: a.name, Payer: c.AccountID, ObservedAt: a.observed, Identity: c.Identity.OfTags}
}

// emitCosts emits the lines of all collected responses, and then the completions of their days.
func (c *collection) emitCosts(ctx context.Context) error {
	for _, a := range c.costs.answers {
		data, err := c.read(ctx, a.name)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			// The file was there a moment ago, and the choice of what counts already includes
			// it.
			return fmt.Errorf("reading %s again: %w", a.name, err)
		}
		got, views, uncounted, err := c.costs.choice.Take(data, c.recordingOf(a))
		if err != nil {
			return fmt.Errorf("reading %s again: %w", a.name, err)
		}
		c.sum.Views, c.sum.Uncounted = c.sum.Views+views, c.sum.Uncounted+uncounted
		if err := c.take(ctx, a, got.Events, got.Rejected); err != nil {
			return err
		}
	}
	ends := c.costs.choice.Completions()
	if len(ends) == 0 { //mutant:groupings-of-two-runs-add-up
		return nil
	}
	if err := c.emitter.Flush(ctx); err != nil {
		return err
	}
	return c.emit(ctx, answer{dated: true}, ends...)
}
