package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"polo/local/dashboard"
	"polo/local/stack"
)

// buildDashboard is the remedy for a dashboard that is not built.
const buildDashboard = "make worker builds it"

// dashboard starts the dashboard of a stack, and returns what to print about it. What keeps the dashboard from
// running keeps nothing else from it.
func (c *upCmd) dashboard(ctx context.Context, e *env, s *stack.Stack) (d *dashboard.Dashboard, shown string, err error) {
	if c.NoDashboard {
		return nil, "", nil
	}
	build, err := dashboard.FindBuild(c.Worker)
	if errors.Is(err, dashboard.ErrNotBuilt) {
		return nil, fmt.Sprintf("\ndashboard   %v: %s, and --no-dashboard runs none\n", err, buildDashboard), nil
	}
	if err == nil {
		d, err = dashboard.Start(ctx, dashboard.Options{
			Build: build, Dir: filepath.Join(c.Data, "dashboard"), Port: c.DashboardPort,
			ClickHouse: s.Endpoints.ClickHouseHTTP, User: s.Endpoints.Users.API, Logger: e.log,
		})
	}
	if err != nil {
		return nil, fmt.Sprintf("\ndashboard   does not run: %v\n", err), ctx.Err()
	}
	if err := s.Announce(d.URL); err != nil {
		return nil, "", errors.Join(err, d.Stop())
	}
	return d, "\ndashboard   " + d.URL + "\n", nil
}

// checkDashboard looks for the built dashboard.
func checkDashboard(dir string) check {
	build, err := dashboard.FindBuild(dir)
	if err != nil {
		return check{"dashboard", stateNote, err.Error(), buildDashboard + " (it needs Node.js 20); only polo up shows it"}
	}
	return check{"dashboard", stateOK, build.Dir(), ""}
}
