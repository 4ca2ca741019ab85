package main

import (
	"fmt"
	"time"

	"polo/envelope"
	"polo/producers"
	"polo/producers/registry"
	"polo/producers/source"
)

// normalise makes events from a source's rejected record.
type normalise func(from string, record []byte, observed time.Time) ([]envelope.ResourceEvent, error)

// recordsOf makes events from the rejected records of every source, as their collectors would. A
// letter from before sources were named belongs to the only source of that time.
func recordsOf(id producers.Identity) (normalise, error) {
	all, err := registry.All()
	if err != nil {
		return nil, err
	}
	var only source.Normalise
	of := map[string]source.Normalise{}
	for _, s := range all {
		if s.Records != nil {
			only = s.Records(id)
			of[s.Name] = only
		}
	}
	return func(from string, record []byte, observed time.Time) ([]envelope.ResourceEvent, error) {
		make := of[from]
		if from == "" && len(of) == 1 {
			make = only
		}
		if make == nil {
			return nil, fmt.Errorf("this version cannot normalise records of the source %q", from)
		}
		return make(record, observed)
	}, nil
}
