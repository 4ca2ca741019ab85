package cloudwatch

import (
	"fmt"
	"time"

	"polo/producers"
	"polo/producers/source"
)

// setting is the environment variable that holds the configuration in JSON, see Config.
const setting = "POLO_CLOUDWATCH"

// Registration describes the source. Most metrics arrive within minutes; the lookback covers late
// ones and missed runs.
func Registration() source.Source {
	return source.Source{
		Name:        Source,
		Function:    "cloudwatch",
		Description: "samples of the metrics that " + setting + " names (GetMetricData; $0.01 for 1,000 metrics)",
		Period:      15 * time.Minute, Lookback: 45 * time.Minute,
		New: func(d source.Deps) (producers.Collector, error) {
			c, err := ParseConfig([]byte(d.Getenv(setting)))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", setting, err)
			}
			return New(c, d.Sessions)
		},
	}
}
