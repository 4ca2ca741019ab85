package costexplorer

import (
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/envelope"
)

// View is one way to tell costs apart.
type View struct {
	// Name is empty for the primary view, else of lower-case letters, digits and "_".
	Name string `json:"name"`
	// Granularity is DAILY, which is the default, or HOURLY. The API tells hours of the
	// last 14 days, where the payer has turned that on.
	Granularity types.Granularity `json:"granularity"`
	// GroupBy are two at most; none: one line for each period.
	GroupBy []Group `json:"group_by"`
}

// hourlyDays is how many days back hours are to be had: the 14 days that the API keeps
// them for, less the one that is ending as a run begins.
//
// Source: AWS, "AWS Cost Explorer pricing", hourly granularity.
const hourlyDays = 13

var viewNames = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

func (v View) check() error {
	if v.Name != "" && !viewNames.MatchString(v.Name) {
		return fmt.Errorf("view %q: not a name of lower-case letters, digits and _", v.Name)
	}
	if v.Granularity != types.GranularityDaily && v.Granularity != types.GranularityHourly {
		return fmt.Errorf("view %q: granularity %q is neither DAILY nor HOURLY", v.Name, v.Granularity)
	}
	if err := checkGroups(v.GroupBy); err != nil {
		return fmt.Errorf("view %q: %w", v.Name, err)
	}
	return nil
}

// source is that of the view's events.
func (v View) source() string {
	if v.Name == "" {
		return Source
	}
	return Source + "." + v.Name
}

// eventType is that of the view's events.
func (v View) eventType() string {
	if v.Name == "" {
		return envelope.TypeCostAccrued
	}
	return TypeCostViewed
}

// span are the whole days that a run scheduled for at reads: from the first day of the
// previous month, or as far back as there are hours, to the end of its own day. What is
// still to come of that day the API answers with nothing.
func (v View) span(at time.Time) (from, to time.Time) {
	at = at.UTC()
	today := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	from = time.Date(at.Year(), at.Month()-1, 1, 0, 0, 0, 0, time.UTC)
	if v.Granularity == types.GranularityHourly {
		from = today.AddDate(0, 0, -hourlyDays)
	}
	return from, today.AddDate(0, 0, 1)
}

// layout is how the request writes a time.
func (v View) layout() string {
	if v.Granularity == types.GranularityHourly {
		return "2006-01-02T15:04:05Z"
	}
	return time.DateOnly
}
