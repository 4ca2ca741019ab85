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

// Config says what to request. The zero value is a good default.
type Config struct {
	// Payers are the accounts to query; for none, see the function Payers.
	Payers []string `json:"payers"`
	// Region is the API's region, us-east-1. AWS China has its own in cn-northwest-1.
	Region string `json:"region"`
	// Metrics are requested besides UnblendedCost, at no extra charge; none means all that a line
	// has a property for.
	Metrics []string `json:"metrics"`
	// GroupBy is the grouping of the primary view: unset means account and service; an empty list
	// means no grouping.
	GroupBy *[]Group `json:"group_by"`
	// Views are the other views.
	Views []View `json:"views"`
}

// homeRegion is the API's region, for all regions.
const homeRegion = "us-east-1"

// ParseConfig parses a configuration in JSON; empty text is the default. An unknown setting is an
// error.
func ParseConfig(text []byte) (Config, error) {
	var c Config
	if text = bytes.TrimSpace(text); len(text) > 0 {
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			return c, fmt.Errorf("reading the configuration of %s: %w", Source, err)
		}
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return c, fmt.Errorf("reading the configuration of %s: data after its end", Source)
		}
	}
	return c, nil
}

// Collectors returns the collectors of a configuration: the primary view's, then the others' in
// order. Each has its own source and its own run.
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
