package main

import (
	"fmt"
	"regexp"
	"time"
)

func isAccount(s string) bool { return regexp.MustCompile(`^[0-9]{12}$`).MatchString(s) }

// isPublicID reports whether a text is an organisation's id in Datadog.
func isPublicID(s string) bool { return regexp.MustCompile(`^[a-z0-9]+$`).MatchString(s) }

func isRegion(s string) bool {
	return regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`).MatchString(s)
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
