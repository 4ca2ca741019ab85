package inventory

import (
	"fmt"
	"slices"
	"strings"

	"polo/producers"
)

// Service is what one collector reads.
type Service struct {
	// Name is the service's name in ARNs. Aliases are its endpoint's name and its command in the
	// AWS CLI.
	Name    string
	Aliases []string
	// Global services have one scope per account and no region. Anywhere are types of a global
	// list whose items have their own regions.
	Global   bool
	Anywhere []string
	Entries  []Entry
}

// service is a compiled Service.
type service struct {
	Service
	entries []*entry
}

// services lists every service. To add one, add a line.
func services() []Service {
	return []Service{
		ec2Service(),
		autoscalingService(),
		elbService(),
		rdsService(),
		lambdaService(),
		s3Service(),
		dynamodbService(),
		eksService(),
		ecsService(),
		iamService(),
		efsService(),
		elasticacheService(),
		redshiftService(),
		kmsService(),
		route53Service(),
		cloudfrontService(),
		acmService(),
		sqsService(),
		snsService(),
		logsService(),
		secretsmanagerService(),
		ecrService(),
		taggingService(),
	}
}

// compileAll compiles every service, and returns the types that entries read.
func compileAll() ([]*service, map[string]bool, error) {
	covered := map[string]bool{}
	var out []*service
	for _, s := range services() {
		c, err := compileService(s)
		if err != nil {
			return nil, nil, err
		}
		for _, typ := range c.types() {
			covered[typ] = true
		}
		out = append(out, c)
	}
	return out, covered, nil
}

func compileService(s Service) (*service, error) {
	c := &service{Service: s}
	for _, e := range s.Entries {
		compiled, err := compile(e)
		if err != nil {
			return nil, fmt.Errorf("service %s: %w", s.Name, err)
		}
		c.entries = append(c.entries, compiled)
	}
	return c, nil
}

func (s *service) source() string { return "aws." + s.Name }

// answersTo reports whether the service has this name or alias.
func (s *service) answersTo(name string) bool {
	name = strings.TrimPrefix(name, "api.")
	return s.Name == name || slices.Contains(s.Aliases, name)
}

// types returns the types that the service reads, each once.
func (s *service) types() []string {
	var out []string
	for _, e := range s.entries {
		if !e.Hidden && !slices.Contains(out, e.Type) {
			out = append(out, e.Type)
		}
	}
	return out
}

// rate returns a call's rate. Its name is the service and the call, or only the service for a
// shared rate.
func (s *service) rate(c Call) producers.Rate {
	r := c.Rate
	r.Call = s.Name + "." + r.Call
	return r
}
