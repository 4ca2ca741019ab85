package resolve

import (
	"strings"

	"polo/producers/awscatalog"
)

// Service holds what is known of one eventSource: its table of members, and caches of its members
// and operations.
type Service struct {
	// Name is the eventSource's, "monitoring"; ARNName the name in ARNs, "cloudwatch".
	Name, ARNName string

	root       *key
	rules      map[string][]memberRule
	keys       map[string]*key
	operations map[string]*Operation
}

// maxCached bounds each cache, because the input decides the names.
const maxCached = 4096

// Service returns what is known of an eventSource, and caches it.
func (s *Resolver) Service(eventSource string) *Service {
	if svc, ok := s.services[eventSource]; ok {
		return svc
	}
	source := strings.Clone(eventSource)
	name, _, _ := strings.Cut(source, ".")
	name = strings.ToLower(name)
	svc := &Service{
		Name: name, ARNName: awscatalog.ServiceOfEventSource(name), keys: make(map[string]*key), operations: make(map[string]*Operation),
	}
	svc.rules = memberRules()[svc.ARNName]
	svc.root = newKey("", nil)
	svc.root.flags = 0
	if len(s.services) < maxCached {
		s.services[source] = svc
	}
	return svc
}

// Operation parses an operation's name, and caches the result.
func (s *Service) Operation(name string) *Operation {
	if op, ok := s.operations[name]; ok {
		return op
	}
	op := newOperation(s.Name, s.ARNName, name)
	if len(s.operations) < maxCached {
		s.operations[op.Name] = op
	}
	return op
}

func (s *Service) key(name string) *key {
	if k, ok := s.keys[name]; ok {
		return k
	}
	k := newKey(name, s.rules)
	if len(s.keys) < maxCached {
		s.keys[k.raw] = k
	}
	return k
}
