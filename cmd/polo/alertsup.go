package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"polo/alerts/route"
	"polo/internal/cli"
	"polo/local/lambda"
	"polo/local/stack"
)

// alertsEvery is how often polo up evaluates the alerts.
const alertsEvery = time.Minute

// schedule adds the evaluation of alerts.
func (c *upCmd) schedule(s *lambda.Scheduler, functions *stack.Functions) error {
	if !c.Alerts {
		if c.AlertRoutes != "" {
			return cli.Usage("--alert-routes does nothing without --alerts")
		}
		return nil
	}
	if err := c.built(functions.Programs(), "alerts"); err != nil {
		return err
	}
	routes, err := c.routes()
	if err != nil {
		return err
	}
	if _, err := route.Parse([]byte(routes), alertNames()); err != nil {
		return cli.Usage("--alert-routes: %w", err)
	}
	env := passedOn()
	env["POLO_ALERTS"] = routes
	fn, err := functions.Alerts(alertsEvery, env)
	if err != nil {
		return err
	}
	schedule, err := lambda.ParseSchedule(rate(alertsEvery))
	if err != nil {
		return err
	}
	s.Jobs = append(s.Jobs, lambda.Job{Name: "alerts", Function: fn, Schedule: schedule, AtOnce: true, Input: `{"scheduled":"<aws.scheduler.scheduled-time>"}`})
	return nil
}

// routes is the configuration: the file, or one that writes everything to a file in the data directory.
func (c *upCmd) routes() (string, error) {
	if c.AlertRoutes != "" {
		text, err := os.ReadFile(c.AlertRoutes)
		if err != nil {
			return "", cli.Usage("--alert-routes: %w", err)
		}
		return string(text), nil
	}
	path, err := filepath.Abs(filepath.Join(c.Data, "alerts.jsonl"))
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{
		"channels": map[string]any{"local": map[string]any{"file": map[string]string{"path": path}}}, "default": []string{"local"},
	})
	return string(text), err
}
