package actionstest

import (
	"context"
	"sync"
	"time"

	"polo/actions"
)

// Evidence is what Polo knows, in memory.
type Evidence struct {
	// AWS, if set, is where calls are looked up.
	AWS *AWS

	mu         sync.Mutex
	resources  map[string]actions.Resource
	violations map[[2]string]actions.Violation
	counts     map[string]int64
	costs      map[string][]actions.Money
	err        error
}

// Know makes a resource known.
func (e *Evidence) Know(arn string, r actions.Resource) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.resources == nil {
		e.resources, e.violations, e.counts, e.costs = map[string]actions.Resource{}, map[[2]string]actions.Violation{}, map[string]int64{}, map[string][]actions.Money{}
	}
	e.resources[arn] = r
	e.counts[r.Type] = max(e.counts[r.Type], 1000)
}

// Violate sets the state of a violation.
func (e *Evidence) Violate(rule, arn string, v actions.Violation) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.violations[[2]string{rule, arn}] = v
}

// SetCount sets how many resources of a type there are.
func (e *Evidence) SetCount(resourceType string, n int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.counts[resourceType] = n
}

// SetCost sets what a resource cost.
func (e *Evidence) SetCost(arn string, cost ...actions.Money) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.costs[arn] = cost
}

// Fail makes every look fail, or none.
func (e *Evidence) Fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
}

// Resource implements actions.Evidence.
func (e *Evidence) Resource(_ context.Context, arn string) (actions.Resource, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r, ok := e.resources[arn]
	if !ok && e.err == nil {
		return r, actions.ErrNoResource
	}
	return r, e.err
}

// Violation implements actions.Evidence.
func (e *Evidence) Violation(_ context.Context, rule, arn string) (actions.Violation, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.violations[[2]string{rule, arn}], e.err
}

// Count implements actions.Evidence.
func (e *Evidence) Count(_ context.Context, resourceType string) (int64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.counts[resourceType], e.err
}

// Cost implements actions.Evidence.
func (e *Evidence) Cost(_ context.Context, arn string) ([]actions.Money, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.costs[arn], e.err
}

// Calls implements actions.Evidence.
func (e *Evidence) Calls(_ context.Context, session string, _ time.Time) ([]string, error) {
	if e.AWS == nil {
		return nil, nil
	}
	var calls []string
	for _, w := range e.AWS.Writes() {
		if w.Session.Name == session {
			calls = append(calls, w.Operation)
		}
	}
	return calls, nil
}
