package cloudflare

import (
	"context"
	"fmt"
	"time"

	"polo/internal/httpsource"
	"polo/producers"
	"polo/producers/exchange"
	"polo/producers/source"
)

// Registrations returns Cloudflare's sources.
func Registrations() []source.Source {
	all := []source.Source{
		{
			// Some 30 days of usage are there to be read: a day that is missed can be read later.
			Name: SourceBilling, Description: "what Cloudflare bills each account: usage by day, service and zone, and the fees of subscriptions",
			Period: day, Lookback: history - day,
			New: collector(shareBilling, func(c Config, client *httpsource.Client) producers.Collector { return NewBilling(c, client) }),
		},
		{
			Name: SourceInventory, Description: "what Cloudflare accounts hold: zones, DNS records, Workers, R2, Access, tunnels, load balancers, Pages, subscriptions, members",
			Period: 6 * time.Hour,
			New:    collector(shareInventory, func(c Config, client *httpsource.Client) producers.Collector { return NewInventory(c, client) }),
		},
		{
			Name: SourceAudit, Description: "what happened in Cloudflare accounts: audit logs, version 2",
			Period: time.Hour, Lookback: 3 * time.Hour,
			New: collector(shareAudit, func(c Config, client *httpsource.Client) producers.Collector { return NewAudit(c, client) }),
		},
	}
	for i := range all {
		all[i].Function, all[i].Global = "cloudflare", true
		name := all[i].Name
		all[i].Recorded = &exchange.Reader{
			Knows: func(x *exchange.Exchange) bool { return ownerOf(x) == name },
			New: func(recorded []exchange.Exchange, left func(exchange.Left)) producers.Collector {
				return newRecorded(name, recorded, left)
			},
		}
	}
	return all
}

const setting, tokenSetting = "POLO_CLOUDFLARE", "POLO_CLOUDFLARE_SECRET"

// collector returns what makes a collector of the settings, with a share of the token's limit.
func collector(share float64, made func(Config, *httpsource.Client) producers.Collector) func(source.Deps) (producers.Collector, error) {
	return func(d source.Deps) (producers.Collector, error) {
		cfg, err := ParseConfig([]byte(d.Getenv(setting)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", setting, err)
		}
		fields, err := d.Secret(tokenSetting)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", tokenSetting, err)
		}
		client, err := NewClient(func(ctx context.Context) (string, error) {
			token, err := fields.Get(ctx, "api_token")
			if err != nil {
				return "", fmt.Errorf("%s: %w", tokenSetting, err)
			}
			return token[0], nil
		}, share, d.Endpoint, nil)
		if err != nil {
			return nil, err
		}
		return made(cfg, client), nil
	}
}
