package main

import (
	"fmt"
	"time"

	"polo/envelope"
	"polo/producers"
	"polo/producers/registry"
	"polo/producers/source"
)

// normalise makes events of a rejected record of a source.
type normalise func(from string, record []byte, observed time.Time) ([]envelope.ResourceEvent, error)

// recordsOf makes events of the records of every source that rejects any, as their collectors would. A
// letter that is older than the naming of sources is of the one that there was.
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
			return nil, fmt.Errorf("this version makes no events of records of the source %q", from)
		}
		return make(record, observed)
	}, nil
}
