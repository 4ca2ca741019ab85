package inventory

import (
	"polo/envelope"
	"polo/producers/awscatalog"
	"polo/producers/inventory/document"
)

// place holds the location of items that do not state it themselves.
type place struct {
	partition, region, account string
}

// placeOf returns a place in a region, or in none.
func placeOf(region, account string) place {
	return place{partition: envelope.PartitionOf(region), region: region, account: account}
}

// within returns the place that a recorded answer states by its ARNs, owners and zones; a missing
// part stays unchanged. Of several the most frequent counts.
func (p place) within(answer document.Value) place {
	c := census{accounts: map[string]int{}, owners: map[string]int{}, regions: map[string]int{}, zones: map[string]int{}, partitions: map[string]int{}}
	c.count("", answer)
	for _, found := range []struct {
		column *string
		counts []map[string]int
	}{
		// An owner is more reliable than the account in an ARN, which may be that of a role
		// elsewhere; a region in an ARN is more reliable than a zone's name.
		{&p.account, []map[string]int{c.owners, c.accounts}},
		{&p.region, []map[string]int{c.regions, c.zones}},
		{&p.partition, []map[string]int{c.partitions}},
	} {
		for _, counts := range found.counts {
			if most := mostOf(counts); most != "" {
				*found.column = most
				break
			}
		}
	}
	return p
}

// census counts the places that an answer names.
type census struct {
	accounts, owners, regions, zones, partitions map[string]int
}

func (c *census) count(name string, v document.Value) {
	switch v := v.(type) {
	case document.List:
		for _, element := range v {
			c.count(name, element)
		}
	case document.Object:
		for _, m := range v {
			c.count(m.Name, m.Value)
		}
	case string:
		c.text(name, v)
	}
}

func (c *census) text(name, s string) {
	switch name {
	case "OwnerId", "ownerId", "OwnerAccount":
		if awscatalog.IsAccount(s) {
			c.owners[s]++
		}
		return
	case "AvailabilityZone", "availabilityZone":
		if region := awscatalog.RegionOfZone(s); region != "" {
			c.zones[region]++
		}
		return
	}
	k, ok := awscatalog.KeyOf(s)
	if !ok {
		return
	}
	a := k.Parsed
	c.partitions[a.Partition]++
	if awscatalog.IsAccount(a.AccountID) {
		c.accounts[a.AccountID]++
	}
	if a.Region != "" {
		c.regions[a.Region]++
	}
}

// mostOf returns the key with the greatest count, of several the first in order.
func mostOf(counts map[string]int) string {
	most := ""
	for key, n := range counts {
		if most == "" || n > counts[most] || n == counts[most] && key < most {
			most = key
		}
	}
	return most
}
