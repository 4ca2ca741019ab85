package organizations

import (
	"time"

	"polo/producers"
	"polo/producers/source"
)

// Registration describes the source.
func Registration() source.Source {
	return source.Source{
		Name:        Source,
		Function:    "organizations",
		Description: "the accounts there are: names, units, tags, status",
		Period:      24 * time.Hour,
		Global:      true,
		New: func(d source.Deps) (producers.Collector, error) {
			return &Collector{List: d.Listing, Management: d.Management}, nil
		},
	}
}
