package costexplorer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
)

// Config says what is asked for. The zero value is a good default.
type Config struct {
	// Payers are the accounts that are asked; none: see Payers, the function.
	Payers []string `json:"payers"`
	// Region is where the API is, us-east-1. AWS China has its own in cn-northwest-1.
	Region string `json:"region"`
	// Metrics are asked for beside UnblendedCost: none is all that a line has a place for. They
	// cost nothing more.
	Metrics []string `json:"metrics"`
	// GroupBy is that of the primary view: nothing written is account and service; an
	// empty list is no grouping.
	GroupBy *[]Group `json:"group_by"`
	// Views are the others.
	Views []View `json:"views"`
}

// homeRegion is where the API is, for all regions.
const homeRegion = "us-east-1"

// ParseConfig reads a configuration in JSON; of no text it is the default. A setting
// that there is not is an error.
func ParseConfig(text []byte) (Config, error) {
	var c Config
	if text = bytes.TrimSpace(text); len(text) > 0 {
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			return c, fmt.Errorf("reading the configuration of %s: %w", Source, err)
		}
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return c, fmt.Errorf("reading the configuration of %s: more follows its end", Source)
		}
	}
	return c, nil
}

// Collectors makes the collectors of a configuration: that of the primary view, and
// those of the others in their order. Each has a source of its own and stands in a run of
// its own.
func (c Config) Collectors(sessions Sessions) ([]*Collector, error) {
	views := append([]View{c.primary()}, c.Views...)
	out := make([]*Collector, len(views))
	names := map[string]bool{}
	for i, v := range views {
		if v.Granularity == "" {
			v.Granularity = types.GranularityDaily
		}
		err := v.check()
		switch {
		case err != nil:
		case i > 0 && v.Name == "":
			err = errors.New("a view without a name")
		case names[v.Name]:
			err = fmt.Errorf("two views %q", v.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("the configuration of %s: %w", Source, err)
		}
		names[v.Name] = true
		out[i] = &Collector{sessions: sessions, view: v, payers: c.Payers, region: c.region(), metrics: c.metrics()}
	}
	return out, nil
}

func (c Config) primary() View {
	v := View{Granularity: types.GranularityDaily, GroupBy: []Group{dimension(dimAccount), dimension(dimService)}}
	if c.GroupBy != nil {
		v.GroupBy = *c.GroupBy
	}
	return v
}

func (c Config) region() string {
	if c.Region == "" {
		return homeRegion
	}
	return c.Region
}

func (c Config) metrics() []string {
	if len(c.Metrics) == 0 {
		return []string{"UnblendedCost", "BlendedCost", "AmortizedCost", "NetUnblendedCost", "NetAmortizedCost", "UsageQuantity"}
	}
	if slices.Contains(c.Metrics, "UnblendedCost") {
		return c.Metrics
	}
	return append([]string{"UnblendedCost"}, c.Metrics...)
}
