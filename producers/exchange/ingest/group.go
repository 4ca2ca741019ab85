package ingest

import (
	"time"

	"polo/producers/exchange"
)

// longestRun bounds the time over which the requests of one run are answered.
const longestRun = 15 * time.Minute

// group holds the exchanges of one run.
type group struct {
	// at is the earliest time of them, zero if none states one.
	at      time.Time
	members []exchange.Exchange
}

// groupsOf splits a file's exchanges by the run that asked: one that was answered long before or
// after the group's first belongs to another. Deliveries and exchanges without a time belong
// to those before them.
func groupsOf(all []exchange.Exchange) (groups []group) {
	for _, e := range all {
		var last *group
		if len(groups) > 0 {
			last = &groups[len(groups)-1]
		}
		apart := last != nil && e.Method != "" && !e.At.IsZero() && !last.at.IsZero() && e.At.Sub(last.at).Abs() > longestRun
		if last == nil || apart {
			groups = append(groups, group{at: e.At, members: []exchange.Exchange{e}})
			continue
		}
		last.members = append(last.members, e)
		if !e.At.IsZero() && (last.at.IsZero() || e.At.Before(last.at)) {
			last.at = e.At
		}
	}
	return groups
}
