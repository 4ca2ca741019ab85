package producers

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"polo/envelope"
)

// emitted counts a run's distinct events by what a completion covers: snapshots by
// account, region and type, and cost lines without a delivery by payer and day.
type emitted struct {
	mu        sync.Mutex
	snapshots map[placeKey]map[uuid.UUID]struct{}
	costs     map[costKey]map[uuid.UUID]struct{}
}

type placeKey struct{ accountID, region, resourceType string }

type costKey struct {
	source, payer string
	day           time.Time
}

// add counts a valid event. It counts snapshots only if their TS is at.
func (c *emitted) add(at time.Time, e *envelope.ResourceEvent) {
	switch {
	case e.EventType == envelope.TypeSnapshot && e.TS.Equal(at):
		c.mu.Lock()
		defer c.mu.Unlock()
		count(&c.snapshots, placeKey{e.AccountID, e.Region, e.ResourceType}, e.EventID)
	case e.EventType == envelope.TypeCostAccrued && !e.Properties.Has(envelope.PropDelivery):
		c.mu.Lock()
		defer c.mu.Unlock()
		count(&c.costs, costKey{e.Source, payerOf(e), billingDay(e)}, e.EventID)
	}
}

func count[K comparable](sets *map[K]map[uuid.UUID]struct{}, k K, id uuid.UUID) {
	if *sets == nil {
		*sets = map[K]map[uuid.UUID]struct{}{}
	}
	set := (*sets)[k]
	if set == nil {
		set = map[uuid.UUID]struct{}{}
		(*sets)[k] = set
	}
	set[id] = struct{}{}
}

// of returns how many events a completion of the source covers.
func (c *emitted) of(done completion, source string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	if done.from.IsZero() {
		for k, set := range c.snapshots {
			if k.accountID == done.accountID && k.resourceType == done.resourceType && (done.region == AnyRegion || k.region == done.region) {
				n += len(set)
			}
		}
		return n
	}
	for k, set := range c.costs {
		if k.source == source && k.payer == done.accountID && !k.day.Before(done.from) && k.day.Before(done.to) {
			n += len(set)
		}
	}
	return n
}

// payerOf returns the account whose scans cover a cost line.
func payerOf(e *envelope.ResourceEvent) string {
	if payer := e.Properties.Get(envelope.PropPayerAccount); payer != "" {
		return payer
	}
	return e.AccountID
}

// billingDay returns the day that a scan must cover for a cost line.
func billingDay(e *envelope.ResourceEvent) time.Time {
	if day, err := time.Parse(time.DateOnly, e.Properties.Get(envelope.PropBillingPeriod)); err == nil {
		return day
	}
	return e.TS.UTC().Truncate(24 * time.Hour)
}
