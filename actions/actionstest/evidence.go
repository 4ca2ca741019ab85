package actionstest

import (
	"context"
	"slices"
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
	calls      []seenCall
	err        error
	callsErr   error
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

// seenCall is a call that CloudTrail shows.
type seenCall struct {
	arn, session, name string
	at                 time.Time
}

// Call makes CloudTrail show a call on a resource.
func (e *Evidence) Call(arn, name string, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, seenCall{arn: arn, name: name, at: at})
}

// SessionCall makes CloudTrail show a call of a session.
func (e *Evidence) SessionCall(session, name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, seenCall{session: session, name: name})
}

// FailCalls makes every look for calls fail, or none.
func (e *Evidence) FailCalls(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.callsErr = err
}

// CallsOn implements actions.Evidence.
func (e *Evidence) CallsOn(_ context.Context, arn string, names []string, since time.Time) ([]string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var calls []string
	for _, c := range e.calls {
		if c.arn == arn && slices.Contains(names, c.name) && !c.at.Before(since) {
			calls = append(calls, c.name)
		}
	}
	return calls, e.callsErr
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
	e.mu.Lock()
	defer e.mu.Unlock()
	var calls []string
	for _, c := range e.calls {
		if session != "" && c.session == session {
			calls = append(calls, c.name)
		}
	}
	if e.AWS == nil || e.callsErr != nil {
		return calls, e.callsErr
	}
	for _, w := range e.AWS.Writes() {
		if w.Session.Name == session {
			calls = append(calls, w.Operation)
		}
	}
	return calls, nil
}
