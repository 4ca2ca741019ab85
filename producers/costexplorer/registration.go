package costexplorer

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/producers"
	"polo/producers/source"
)

// setting is the environment variable that holds the configuration in JSON, see Config.
const setting = "POLO_COST_EXPLORER"

// hourly is the name of the view of hours, which needs no configuration.
const hourly = "hourly"

// Registrations returns the primary view, the view of hours, and the named views.
func Registrations(views ...string) []source.Source {
	out := []source.Source{
		registration("", "what each account and service costs a day, of the payer (Cost Explorer; $0.01 a page)"),
		registration(hourly, "the same money by hours of the last 14 days, where the payer has that turned on"),
	}
	for _, name := range views {
		out = append(out, registration(name, "the same money by the view "+name+" of "+setting))
	}
	return out
}

// registration returns the registration of a view that runs every 8 hours: AWS refreshes the data
// up to three times a day.
func registration(view, description string) source.Source {
	return source.Source{
		Name: View{Name: view}.source(), Function: "costexplorer", Description: description, Period: 8 * time.Hour, Global: true,
		New: func(d source.Deps) (producers.Collector, error) {
			c, err := ParseConfig([]byte(d.Getenv(setting)))
			if err != nil {
				return nil, err
			}
			return c.collector(view, d.Sessions)
		},
	}
}

// collector returns one view's collector. The view of hours has the primary view's groups unless
// configured.
func (c Config) collector(view string, sessions Sessions) (*Collector, error) {
	all, err := c.Collectors(sessions)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if one.view.Name == view {
			return one, nil
		}
	}
	if view == hourly {
		c.Views = append(c.Views[:len(c.Views):len(c.Views)], View{Name: hourly, Granularity: types.GranularityHourly, GroupBy: c.primary().GroupBy})
		return c.collector(hourly, sessions)
	}
	return nil, fmt.Errorf("the configuration of %s has no view %q", Source, view)
}
