package costexplorer

import (
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/envelope"
)

// View is one grouping and granularity of costs.
type View struct {
	// Name is empty for the primary view; others have a name of lower-case letters, digits and
	// "_".
	Name string `json:"name"`
	// Granularity is DAILY, the default, or HOURLY. The API keeps hours for 14 days, if the payer
	// has turned that on.
	Granularity types.Granularity `json:"granularity"`
	// GroupBy holds two groups at most; none means one line per period.
	GroupBy []Group `json:"group_by"`
}

// hourlyDays is how many days back a run reads hours: the 14 days that the API keeps, less the
// one that may expire during the run.
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

// source returns the source of the view's events.
func (v View) source() string {
	if v.Name == "" {
		return Source
	}
	return Source + "." + v.Name
}

// eventType returns the type of the view's events.
func (v View) eventType() string {
	if v.Name == "" {
		return envelope.TypeCostAccrued
	}
	return TypeCostViewed
}

// span returns the days that a run scheduled for at reads: from the first day of the previous
// month, or as far back as hours go, to the end of its own day. The API's answer for the rest of
// that day is empty.
func (v View) span(at time.Time) (from, to time.Time) {
	at = at.UTC()
	today := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	from = time.Date(at.Year(), at.Month()-1, 1, 0, 0, 0, 0, time.UTC)
	if v.Granularity == types.GranularityHourly {
		from = today.AddDate(0, 0, -hourlyDays)
	}
	return from, today.AddDate(0, 0, 1)
}

// layout returns the time format of requests.
func (v View) layout() string {
	if v.Granularity == types.GranularityHourly {
		return "2006-01-02T15:04:05Z"
	}
	return time.DateOnly
}
