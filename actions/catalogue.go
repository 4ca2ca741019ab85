package actions

import (
	"context"

	"polo/actions/action"
)

// Offer is an action, and where it is allowed.
type Offer struct {
	action.Info
	Allowed []Allow `json:"allowed,omitempty"`
}

// Catalogue is what can be done, and what may be.
type Catalogue struct {
	Enabled bool `json:"enabled"`
	// Alive reports whether the kill switch is on, so that actions may be done.
	Alive   bool    `json:"alive"`
	Limits  Limits  `json:"limits"`
	Actions []Offer `json:"actions"`
}

// Catalogue returns all actions, with where each is allowed.
func (e *Engine) Catalogue(ctx context.Context) Catalogue {
	c := Catalogue{Enabled: e.cfg.Settings.Enabled, Alive: e.alive(ctx) == nil, Limits: e.cfg.Settings.Limits}
	for _, a := range action.All() {
		o := Offer{Info: a.Info()}
		for _, allow := range e.cfg.Settings.Allow {
			if allow.Action == o.ID {
				o.Allowed = append(o.Allowed, allow)
			}
		}
		c.Actions = append(c.Actions, o)
	}
	return c
}
