// Package route is the configuration of alerts: which channels there are, who is told of what, and parameters. docs/ALERTS.md describes the file.
package route

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"polo/internal/pattern"
)

// Config is a valid configuration.
type Config struct {
	// Dashboard is the address that messages link to, Runbook that of docs/RUNBOOK.md; both may be empty.
	Dashboard, Runbook string
	Channels           map[string]Channel
	Routes             []Route
	// Default are the channels of what no route matches.
	Default []string
	// Cap is how many episodes a message lists; the rest is counted.
	Cap    int
	Alerts map[string]Settings
}

// Route is who is told of what. Empty fields match everything.
type Route struct {
	// Alert are patterns of ids: * stands for any text.
	Alert    []string `json:"alert"`
	Severity []string `json:"severity"`
	// Labels are patterns of labels' values.
	Labels map[string]string `json:"labels"`
	// Send are the channels; none is nobody, on purpose.
	Send []string `json:"send"`
	// Repeat is the time between reminders; 0 is the alert's own.
	Repeat Duration `json:"repeat"`
}

// Settings are those of one alert.
type Settings struct {
	Enabled *bool             `json:"enabled"`
	Values  map[string]string `json:"values"`
}

// Target is who is told, and how often.
type Target struct {
	Channels []string
	Repeat   time.Duration
}

// Duration is written as "4h".
type Duration time.Duration

// UnmarshalText reads a duration from a minute to 90 days.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err == nil && (v < time.Minute || v > 90*24*time.Hour) {
		err = fmt.Errorf("%s is not from 1m to 2160h", text)
	}
	*d = Duration(v)
	return err
}

const (
	defaultCap = 20
	mostCap    = 100
)

// Parse reads a configuration. alerts are the ids of all alerts. The error joins every fault.
func Parse(text []byte, alerts []string) (*Config, error) {
	fields, err := object(text)
	if fields == nil {
		return nil, fmt.Errorf("reading the configuration of alerts: %w", err)
	}
	c := &Config{Cap: defaultCap, Channels: map[string]Channel{}, Alerts: map[string]Settings{}}
	faults := []error{err}
	read := func(where string, text json.RawMessage, into any) {
		if err := strict(text, into); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", where, err))
		}
	}
	channels, settings := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	var routes []json.RawMessage
	into := map[string]any{
		"dashboard": &c.Dashboard, "runbook": &c.Runbook, "channels": &channels, "routes": &routes, "default": &c.Default, "cap": &c.Cap, "alerts": &settings,
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if to, ok := into[name]; ok {
			read(name, fields[name], to)
		} else {
			faults = append(faults, fmt.Errorf("%s: unknown field; there are %s", name, strings.Join(slices.Sorted(maps.Keys(into)), ", ")))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(channels)) {
		var to Channel
		read("channels."+name, channels[name], &to)
		c.Channels[name] = to
	}
	for i, text := range routes {
		var to Route
		read(fmt.Sprintf("routes[%d]", i), text, &to)
		c.Routes = append(c.Routes, to)
	}
	for _, id := range slices.Sorted(maps.Keys(settings)) {
		var to Settings
		read("alerts."+id, settings[id], &to)
		c.Alerts[id] = to
	}
	if err := errors.Join(append(faults, c.faults(alerts))...); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Config) faults(alerts []string) error {
	var out []error
	fault := func(format string, args ...any) { out = append(out, fmt.Errorf(format, args...)) }
	for _, x := range [][2]string{{"dashboard", c.Dashboard}, {"runbook", c.Runbook}} {
		name, address := x[0], x[1]
		if u, err := url.Parse(address); address != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			fault("%s: not an address", name)
		}
	}
	if c.Cap < 1 || c.Cap > mostCap {
		fault("cap: not from 1 to %d", mostCap)
	}
	if len(c.Default) == 0 {
		fault("default: it names no channel: what no route matches would be told to nobody")
	}
	known := func(where string, names []string) {
		for _, name := range names {
			if _, ok := c.Channels[name]; !ok {
				fault("%s: there is no channel %q", where, name)
			}
		}
	}
	known("default", c.Default)
	for i, r := range c.Routes {
		where := fmt.Sprintf("routes[%d]", i)
		known(where+".send", r.Send)
		if r.Send == nil {
			fault("%s.send: missing; [] tells nobody", where)
		}
		for _, name := range r.Alert {
			if !slices.ContainsFunc(alerts, func(id string) bool { return pattern.Matches(name, id) }) {
				fault("%s.alert: no alert is called %q", where, name)
			}
		}
		for _, s := range r.Severity {
			if !slices.Contains([]string{"critical", "high", "medium", "low"}, s) {
				fault("%s.severity: %q is none of critical, high, medium, low", where, s)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Alerts)) {
		if !slices.Contains(alerts, id) {
			fault("alerts: there is no alert %q", id)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Channels)) {
		if err := c.Channels[name].valid(); err != nil {
			fault("channels.%s: %w", name, err)
		}
	}
	return errors.Join(out...)
}

// Unused returns the channels that nothing is sent to.
func (c *Config) Unused() []string {
	used := slices.Clone(c.Default)
	for _, r := range c.Routes {
		used = append(used, r.Send...)
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.Channels)), func(name string) bool { return slices.Contains(used, name) })
}

// For returns who is told of an episode: by the first route that matches, else the default.
func (c *Config) For(alert, severity string, labels map[string]string) Target {
	for _, r := range c.Routes {
		if r.matches(alert, severity, labels) {
			return Target{unique(r.Send), time.Duration(r.Repeat)}
		}
	}
	return Target{Channels: unique(c.Default)}
}

func (r Route) matches(alert, severity string, labels map[string]string) bool {
	if len(r.Alert) > 0 && !slices.ContainsFunc(r.Alert, func(p string) bool { return pattern.Matches(p, alert) }) {
		return false
	}
	if len(r.Severity) > 0 && !slices.Contains(r.Severity, severity) {
		return false
	}
	for name, want := range r.Labels {
		if value, ok := labels[name]; !ok || !pattern.Matches(want, value) {
			return false
		}
	}
	return true
}

func unique(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}
