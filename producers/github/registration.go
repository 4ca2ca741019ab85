package github

import (
	"context"
	"errors"
	"fmt"
	"time"

	"polo/producers"
	"polo/producers/exchange"
	"polo/producers/source"
)

// Registrations returns GitHub's sources.
func Registrations() []source.Source {
	return []source.Source{
		registration(source.Source{
			Name: SourceBilling, Description: "what GitHub bills organisations, or an enterprise with its cost centers, by day, product and repository",
			Period: 8 * time.Hour, Recorded: &exchange.Reader{Knows: knowsBilling, New: recordedBilling},
		}, false, func(cfg Config, c *Clients) producers.Collector { return NewBilling(cfg, c) }),
		registration(source.Source{
			Name: SourceInventory, Description: "repositories, teams, members, runners, App installations and names of secrets of GitHub organisations",
			Period: time.Hour, Recorded: &exchange.Reader{Knows: knowsInventory, New: recordedInventory},
		}, true, func(cfg Config, c *Clients) producers.Collector { return NewInventory(cfg, c) }),
		registration(source.Source{
			Name: SourceAudit, Description: "who did what in GitHub organisations: their audit logs, and recorded webhooks",
			// Records appear within minutes.
			Period: 15 * time.Minute, Lookback: 30 * time.Minute, Recorded: &exchange.Reader{Knows: knowsActivity, New: recordedActivity},
		}, true, func(cfg Config, c *Clients) producers.Collector { return NewAudit(cfg, c) }),
	}
}

// registration completes a source, which may need organisations in its setting.
func registration(s source.Source, organisations bool, collector func(Config, *Clients) producers.Collector) source.Source {
	s.Function, s.Global = "github", true
	s.New = func(d source.Deps) (producers.Collector, error) {
		const setting, secretSetting = "POLO_GITHUB", "POLO_GITHUB_SECRET"
		cfg, err := ParseConfig([]byte(d.Getenv(setting)))
		if err == nil && organisations && len(cfg.Organisations) == 0 {
			err = errors.New("organisations is empty: " + s.Name + " reads organisations, and not an enterprise")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", setting, err)
		}
		fields, err := d.Secret(secretSetting)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", secretSetting, err)
		}
		clients := NewClients(cfg, func(ctx context.Context, names ...string) ([]string, error) {
			values, err := fields.Get(ctx, names...)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", secretSetting, err)
			}
			return values, nil
		}, d.Endpoint, nil)
		if s.Name == SourceInventory { // of what the others read, little stays the same
			clients = clients.WithCache(d.Cache)
		}
		return collector(cfg, clients), nil
	}
	return s
}
