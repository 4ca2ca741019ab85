package main

import (
	"fmt"
	"regexp"
	"time"

	"polo/producers"
)

func isAccount(s string) bool { return regexp.MustCompile(`^[0-9]{12}$`).MatchString(s) }

func isRegion(s string) bool {
	return regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`).MatchString(s)
}

// origin is what the environment and the flags say of recordings.
type origin struct {
	identity producers.Identity
	at       time.Time
	// accounts are those of --account, by platform.
	accounts map[string]string
}

func (c *ingestCmd) origin() (o origin, err error) {
	if o.identity, err = identity(); err != nil {
		return o, err
	}
	if o.at, err = c.at(); err != nil {
		return o, err
	}
	o.accounts, err = c.accounts()
	return o, err
}

// at returns --at; zero if it is not given.
func (c *ingestCmd) at() (time.Time, error) {
	if c.At == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, c.At); err == nil && at.Year() >= 1971 && at.Year() <= 2200 {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("--at %q is no time of the years 1971 to 2200 such as 2026-03-01T10:00:00Z", c.At)
}
