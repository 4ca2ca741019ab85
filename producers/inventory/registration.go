package inventory

import (
	"fmt"
	"time"

	"polo/producers"
	"polo/producers/source"
)

// Registrations returns the sources, one per service.
func Registrations() ([]source.Source, error) {
	collectors, err := Collectors(nil)
	if err != nil {
		return nil, err
	}
	out := make([]source.Source, len(collectors))
	for i, c := range collectors {
		out[i] = source.Source{
			Name:        c.Source(),
			Function:    "inventory",
			Description: fmt.Sprintf("inventory of %s: %d resource types", c.service.Name, len(c.Types())),
			Period:      time.Hour,
			Global:      c.service.Global,
			New:         func(d source.Deps) (producers.Collector, error) { return collectorOf(c.Source(), d.Sessions) },
		}
	}
	return out, nil
}

// Registration returns the source with this name.
func Registration(name string) (source.Source, error) {
	all, err := Registrations()
	if err != nil {
		return source.Source{}, err
	}
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
	}
	return source.Source{}, fmt.Errorf("there is no inventory %q", name)
}

// collectorOf returns the collector of a source.
func collectorOf(name string, sessions Sessions) (producers.Collector, error) {
	all, err := Collectors(sessions)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.Source() == name {
			return c, nil
		}
	}
	return nil, fmt.Errorf("there is no inventory %q", name)
}
