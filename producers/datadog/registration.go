package datadog

import (
	"context"
	"fmt"
	"time"

	"polo/producers"
	"polo/producers/source"
)

// Registrations returns Datadog's sources.
func Registrations() []source.Source { return []source.Source{billing()} }

// billing reads what it has read before, too: an estimate of this month or the last, and
// finally the last two months.
func billing() source.Source {
	return source.Source{
		Name: Source, Function: "datadog", Description: "what Datadog bills each organisation for each product: estimates by day, finally by month",
		Period: 8 * time.Hour, Lookback: 31 * day, Global: true,
		New: func(d source.Deps) (producers.Collector, error) {
			const setting, keysSetting = "POLO_DATADOG", "POLO_DATADOG_SECRET"
			cfg, err := ParseConfig([]byte(d.Getenv(setting)))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", setting, err)
			}
			fields, err := d.Secret(keysSetting)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", keysSetting, err)
			}
			client, err := NewClient(cfg, func(ctx context.Context) (string, string, error) {
				keys, err := fields.Get(ctx, "api_key", "application_key")
				if err != nil {
					return "", "", fmt.Errorf("%s: %w", keysSetting, err)
				}
				return keys[0], keys[1], nil
			}, d.Endpoint, nil)
			if err != nil {
				return nil, err
			}
			return New(cfg, client), nil
		},
	}
}
