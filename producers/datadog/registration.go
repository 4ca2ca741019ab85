package datadog

import (
	"time"

	"polo/internal/httpsource"
	"polo/producers"
	"polo/producers/source"
)

// Registrations returns Datadog's sources.
func Registrations() []source.Source {
	return []source.Source{billing(), attribution(), usage(), inventory(), audit()}
}

// billing reads what it has read before, too: an estimate of this month or the last, and
// finally the last two months.
func billing() source.Source {
	return source.Source{
		Name: Source, Function: "datadog", Description: "what Datadog bills each organisation for each product: estimates by day, finally by month",
		Period: 8 * time.Hour, Lookback: 31 * day, Global: true,
		New:      newOf(New),
		Recorded: reader(Source, readCosts),
	}
}

// attribution reads this month and the last: the last one's costs are attributed by the 19th.
func attribution() source.Source {
	return source.Source{
		Name: AttributionSource, Function: "datadog", Description: "Datadog's monthly costs and usage, split by tags: a view of the same money, never added to it",
		Period: day, Lookback: 31 * day, Global: true,
		New:      newOf(NewAttribution),
		Recorded: reader(AttributionSource, readAttributions),
	}
}

// usage reads the last 72 hours again: so late may usage be.
func usage() source.Source {
	return source.Source{
		Name: UsageSource, Function: "datadog", Description: "each organisation's use of Datadog's products, by hour",
		Period: day, Lookback: 72 * time.Hour, Global: true,
		New:      newOf(NewUsage),
		Recorded: reader(UsageSource, readUsages),
	}
}

func inventory() source.Source {
	return source.Source{
		Name: InventorySource, Function: "datadog", Description: "hosts, monitors, dashboards and synthetic tests of a Datadog organisation",
		Period: 6 * time.Hour, Global: true,
		New:      newOf(NewInventory),
		Recorded: reader(InventorySource, readLists),
	}
}

func audit() source.Source {
	return source.Source{
		Name: AuditSource, Function: "datadog", Description: "Datadog's audit trail: who changed or read what in an organisation",
		Period: time.Hour, Lookback: 3 * time.Hour, Global: true,
		New:      newOf(NewAudit),
		Recorded: reader(AuditSource, readAudits),
	}
}

// newOf returns what makes the collector of one run.
func newOf[C producers.Collector](make func(Config, *httpsource.Client) C) func(source.Deps) (producers.Collector, error) {
	return func(d source.Deps) (producers.Collector, error) {
		cfg, client, err := open(d)
		if err != nil {
			return nil, err
		}
		return make(cfg, client), nil
	}
}
