package datadog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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

// ParseConfig parses the setting.
func ParseConfig(text []byte) (Config, error) {
	var c Config
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("reading the setting of Datadog: %w", err)
	}
	var errs []error
	if !isSite(c.Site) {
		errs = append(errs, fmt.Errorf("site is not one of %s", strings.Join(sites(), ", ")))
	}
	if !IsPublicID(c.Organisation) {
		errs = append(errs, errors.New("organisation is not a public id, of lower-case letters and digits"))
	}
	if len(errs) > 0 {
		return Config{}, fmt.Errorf("the setting of Datadog: %w", errors.Join(errs...))
	}
	return c, nil
}
