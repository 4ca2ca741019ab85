package main

import (
	"fmt"

	"polo/internal/cli"
	"polo/producers/cur"
)

// ingestSummary is what one run did. Published and Unsent, and the letters, are all that was made of
// records; Inserted, Duplicates, Waiting, and what failed of them, are all that was published.
type ingestSummary struct {
	// Read counts source records, those that failed included; Published the
	// events made of them; Messages the queue messages that carried those.
	Read      int64 `json:"read"`
	Published int64 `json:"published"`
	Messages  int64 `json:"messages"`
	// Inserted counts the events that are new in resource_events; Duplicates
	// those that were there before, or came twice.
	Inserted   int64 `json:"inserted"`
	Duplicates int64 `json:"duplicates"`
	// Failed counts records and events that could not be brought in, Reasons by why; DLQ
	// those of them that the dead-letter queue acknowledged, in a letter each or in one that
	// tells of many.
	Failed  int64   `json:"failed"`
	DLQ     int64   `json:"dlq"`
	Seconds float64 `json:"seconds"`

	// Interrupted reports that this is what was done until an interrupt: Waiting are events that
	// were published and are still in the queue, Unsent events and failures that were made and not
	// sent, NotReached files that were not read to their end. The same command does the rest.
	Interrupted bool  `json:"interrupted,omitempty"`
	Waiting     int64 `json:"waiting,omitempty"`
	Unsent      int64 `json:"unsent,omitempty"`
	NotReached  int   `json:"not_reached,omitempty"`

	Files int `json:"files"`
	// Kinds counts the files of each kind.
	Kinds map[string]int `json:"kinds,omitempty"`
	// Skipped counts the files that were passed over, and SkippedFiles names each with why.
	Skipped      int      `json:"skipped"`
	SkippedFiles []string `json:"skipped_files,omitempty"`
	// LeftOut is what became no event and is no failure, by kind: those files, and what is
	// in others.
	LeftOut []leftOut `json:"left_out,omitempty"`
	// Undated counts the recorded answers of which neither they nor --at tell when they
	// were given: their events are of the year 2000.
	Undated int `json:"undated,omitempty"`
	// Bills are the bills that were read, and Sums what they come to.
	Bills []cur.BillSummary `json:"bills,omitempty"`
	Sums  []cur.Sum         `json:"sums,omitempty"`
	// Costs are what recorded answers of Cost Explorer come to, Unaccounted the costs, of bills
	// also, that name no account.
	Costs       []money `json:"costs,omitempty"`
	Unaccounted []money `json:"unaccounted,omitempty"`
	// CostViews are lines of Cost Explorer's answers that tell money which other lines
	// tell; CostUncounted are those of them of a time that no others tell by days.
	CostViews     int `json:"cost_views,omitempty"`
	CostUncounted int `json:"cost_uncounted,omitempty"`
	// UnknownColumns are those of bills that Polo knows no meaning of; each is a property.
	UnknownColumns map[string]cur.UnknownColumn `json:"unknown_columns,omitempty"`
	Reasons        map[string]int               `json:"reasons,omitempty"`
	// Failures are a few of those that failed, and what to do about them.
	Failures *failures      `json:"failures,omitempty"`
	Resolved map[string]int `json:"arn_resolution,omitempty"`

	// unread are the files and folders whose content is not known: the input is not whole.
	unread []string

	// known counts the files of the inputs, those that are passed over among them.
	known int

	// letters counts those that this process's publishers sent, runs the events that tell of its
	// collectors' runs: neither is made of a record.
	letters, runs int64
}

func newIngestSummary() ingestSummary {
	return ingestSummary{Reasons: map[string]int{}, Resolved: map[string]int{}, Kinds: map[string]int{}}
}

func (s ingestSummary) print(e *env, asJSON bool, data string) error {
	if asJSON {
		return e.PrintJSON(s)
	}
	if err := s.printCounts(e); err != nil {
		return err
	}
	if err := s.printBills(e); err != nil {
		return err
	}
	if err := s.printMoney(e); err != nil {
		return err
	}
	if err := s.printLeftOut(e); err != nil {
		return err
	}
	for _, reason := range sortedKeys(s.Reasons) {
		if _, err := fmt.Fprintf(e.Stdout, "failed as %s: %d\n", reason, s.Reasons[reason]); err != nil {
			return err
		}
	}
	if s.Failures != nil {
		if err := s.Failures.print(e); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(e.Stdout, "%.1f s. Ask it anything: %s sql --data %s \"SELECT event_type, count() FROM resource_events GROUP BY 1\"\n",
		s.Seconds, cli.CommandOf("polo"), cli.Quote(data))
	return err
}
