package main

import (
	"fmt"

	"polo/internal/cli"
	"polo/producers/cur"
)

// ingestSummary is the outcome of one run. Published, Unsent and the letters add up to everything
// made of records. Inserted, Duplicates, Waiting and the failed events add up to Published and
// WaitingBefore.
type ingestSummary struct {
	// Read counts source records, including failed ones; Published the events made of them;
	// Messages the queue messages with those events.
	Read      int64 `json:"read"`
	Published int64 `json:"published"`
	Messages  int64 `json:"messages"`
	// Inserted counts the events that are new in resource_events; Duplicates those that were there
	// before, or came twice.
	Inserted   int64 `json:"inserted"`
	Duplicates int64 `json:"duplicates"`
	// Failed counts records and events that could not be inserted, Reasons counts them by reason.
	// DLQ counts those that the dead-letter queue acknowledged, in a letter each or in one letter
	// for many.
	Failed  int64   `json:"failed"`
	DLQ     int64   `json:"dlq"`
	Seconds float64 `json:"seconds"`

	// WaitingBefore counts the events that earlier runs had left in the queue; they are drained and
	// counted, too.
	WaitingBefore int64 `json:"waiting_before,omitempty"`
	// Interrupted reports that an interrupt ended the run. Waiting counts the events in the queue,
	// those of earlier runs included, Unsent events and failures that were made but not sent,
	// NotReached files that were not read to their end. The same command does the rest.
	Interrupted bool  `json:"interrupted,omitempty"`
	Waiting     int64 `json:"waiting,omitempty"`
	Unsent      int64 `json:"unsent,omitempty"`
	NotReached  int   `json:"not_reached,omitempty"`

	Files int `json:"files"`
	// Kinds counts the files of each kind.
	Kinds map[string]int `json:"kinds,omitempty"`
	// Skipped counts the skipped files, and SkippedFiles names each with its reason.
	Skipped      int      `json:"skipped"`
	SkippedFiles []string `json:"skipped_files,omitempty"`
	// LeftOut is what became no event and is no failure, by kind: the skipped files, and parts of
	// others.
	LeftOut []leftOut `json:"left_out,omitempty"`
	// Undated counts the recorded answers without a time, neither their own nor --at: their events
	// are in the year 2000.
	Undated int `json:"undated,omitempty"`
	// Bills are the bills that were read, and Sums their sums.
	Bills []cur.BillSummary `json:"bills,omitempty"`
	Sums  []cur.Sum         `json:"sums,omitempty"`
	// Replaced are the deliveries of these bills that counted before.
	Replaced []replaced `json:"replaced,omitempty"`
	// Costs are the sums of recorded answers of Cost Explorer. Unaccounted are the costs without an
	// account, including those of bills.
	Costs       []money `json:"costs,omitempty"`
	Unaccounted []money `json:"unaccounted,omitempty"`
	// CostViews counts lines of Cost Explorer's answers that repeat the money of other lines.
	// CostUncounted counts those for a time without lines by day.
	CostViews     int `json:"cost_views,omitempty"`
	CostUncounted int `json:"cost_uncounted,omitempty"`
	// UnknownColumns are the columns of bills that Polo does not know; each becomes a property.
	UnknownColumns map[string]cur.UnknownColumn `json:"unknown_columns,omitempty"`
	Reasons        map[string]int               `json:"reasons,omitempty"`
	// Failures are some of the failures, and what to do about them.
	Failures *failures      `json:"failures,omitempty"`
	Resolved map[string]int `json:"arn_resolution,omitempty"`

	// unread are the files and folders that could not be read: the input is incomplete.
	unread []string
	// damaged are some of the files that could not be read to their end, as their letters name them.
	damaged []string

	// known counts the files of the inputs, including skipped ones.
	known int

	// letters counts the letters sent by this process's publishers, runs the events about its
	// collectors' runs: neither come from a record.
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
