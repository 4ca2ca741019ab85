package datadog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Config is the setting of a Datadog organisation, in JSON:
//
//	{"site": "datadoghq.eu", "organisation": "PUBLIC_ID"}
type Config struct {
	// Site is where the organisation is: one of sites.
	Site string `json:"site"`
	// Organisation is the public id of the organisation that is billed, the parent of the
	// others.
	Organisation string `json:"organisation"`
}

// sites are Datadog's, each an installation of its own. Keys go to no other host.
//
// Source: Datadog, "Getting Started with Datadog Sites".
func sites() []string {
	return []string{
		"datadoghq.com", "us3.datadoghq.com", "us5.datadoghq.com", "datadoghq.eu", "ap1.datadoghq.com", "ap2.datadoghq.com", "ddog-gov.com",
	}
}

// ParseConfig parses the setting.
func ParseConfig(text []byte) (Config, error) {
	var c Config
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("reading the setting of Datadog: %w", err)
	}
	var errs []error
	if !slices.Contains(sites(), c.Site) {
		errs = append(errs, fmt.Errorf("site is not one of %s", strings.Join(sites(), ", ")))
	}
	if c.Organisation == "" || strings.ContainsFunc(c.Organisation, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		errs = append(errs, errors.New("organisation is not a public id, of lower-case letters and digits"))
	}
	if len(errs) > 0 {
		return Config{}, fmt.Errorf("the setting of Datadog: %w", errors.Join(errs...))
	}
	return c, nil
}
