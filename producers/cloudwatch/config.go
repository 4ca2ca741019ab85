package cloudwatch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Config names the metrics to sample.
type Config struct {
	Metrics []Metric `json:"metrics"`
}

// Metric names the series of one metric.
type Metric struct {
	// Namespace and Name are CloudWatch's: "AWS/EC2", "CPUUtilization".
	Namespace string `json:"namespace"`
	Name      string `json:"metric"`
	// Dimensions are all dimensions of the series, by name. A value with "*", which matches any
	// text, is resolved in each account and region.
	Dimensions map[string]string `json:"dimensions"`
	// Stats are statistics as CloudWatch names them: "Average", "Sum", "p99".
	Stats []string `json:"stats"`
	// Period is in seconds: 1, 5, 10, 20, 30 or whole minutes, of 60 days at most.
	Period int `json:"period"`
	// Unit selects samples that were reported in this unit; empty means any.
	Unit string `json:"unit"`
	// Lookback is how many seconds before the run's window are also read, for samples that arrive
	// late.
	Lookback int `json:"lookback"`
}

// maxDimensions bounds a metric's dimensions.
const maxDimensions = 30

// ParseConfig parses and checks a configuration in JSON. An unknown setting is an error.
func ParseConfig(text []byte) (Config, error) {
	var c Config
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, fmt.Errorf("reading the configuration of %s: %w", Source, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return c, fmt.Errorf("reading the configuration of %s: data after its end", Source)
	}
	return c, c.check()
}

func (c Config) check() error {
	if len(c.Metrics) == 0 {
		return fmt.Errorf("the configuration of %s names no metric", Source)
	}
	var errs []error
	for i, m := range c.Metrics {
		if err := m.check(); err != nil {
			errs = append(errs, fmt.Errorf("metric %d of the configuration of %s (%s): %w", i, Source, m.what(), err))
		}
	}
	return errors.Join(errs...)
}

func (m Metric) check() error {
	var errs []error
	fault := func(text string) { errs = append(errs, errors.New(text)) }
	if m.Namespace == "" || m.Name == "" {
		fault("no namespace or no metric")
	}
	if len(m.Stats) == 0 {
		fault("no stats")
	}
	for _, s := range m.Stats {
		if s == "" {
			fault("an empty stat")
		}
	}
	if len(m.Dimensions) > maxDimensions {
		fault("more dimensions than a metric can have")
	}
	for name, value := range m.Dimensions {
		if name == "" || value == "" {
			fault("a dimension without a name or a value")
		}
	}
	switch m.Period {
	case 1, 5, 10, 20, 30:
	default:
		if m.Period < 60 || m.Period%60 != 0 || m.Period > 60*86_400 {
			fault("the period is neither 1, 5, 10, 20 or 30 seconds nor whole minutes")
		}
	}
	if m.Lookback < 0 {
		fault("a lookback below zero")
	}
	return errors.Join(errs...)
}

// what returns the metric's name in gaps.
func (m Metric) what() string { return m.Namespace + " " + m.Name }
