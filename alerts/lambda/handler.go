package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/uuid"

	"polo/alerts"
	"polo/alerts/route"
	"polo/alerts/store"
	"polo/internal/clickhouse"
	"polo/internal/secret"
	"polo/internal/telemetry"
	catalogue "polo/schema/alerts"
)

type handler struct {
	settings        environ
	aws             aws.Config
	http            *http.Client
	routes, secrets secret.Fields
	password        func(context.Context) (string, error)
	journal         alerts.Journal
	metrics         *telemetry.Metrics
	log             *slog.Logger
	now             func() time.Time
}

// handle handles the input of EventBridge Scheduler: {"scheduled":"<aws.scheduler.scheduled-time>"}. A time that was evaluated before is not
// evaluated again, so a repeated invocation is harmless.
func (h *handler) handle(ctx context.Context, event json.RawMessage) (alerts.Outcome, error) {
	var in struct {
		Scheduled time.Time `json:"scheduled"`
	}
	if err := json.Unmarshal(event, &in); err != nil {
		return alerts.Outcome{}, fmt.Errorf("reading the request: %w", err)
	}
	if in.Scheduled.IsZero() {
		return alerts.Outcome{}, errors.New(`reading the request: no "scheduled" time`)
	}
	conn, err := h.connect(ctx)
	if err != nil {
		return alerts.Outcome{}, err
	}
	defer func() { _ = conn.Close() }() // only read
	r, err := h.runner(ctx, store.New(conn, h.now))
	if err != nil {
		return alerts.Outcome{}, err
	}
	o, err := r.Run(ctx, in.Scheduled)
	if problem := h.metrics.Put(measured(o, err == nil)); problem != nil {
		h.log.WarnContext(ctx, "metrics were not written", slog.String("error", problem.Error()))
	}
	return o, err
}

// connect opens ClickHouse with the password of now, which may have been rotated since the last run.
func (h *handler) connect(ctx context.Context) (driver.Conn, error) {
	password, err := h.password(ctx)
	if err != nil {
		return nil, fmt.Errorf("POLO_CLICKHOUSE_SECRET: %w", err)
	}
	return clickhouse.Server{
		Addr: h.settings.Addr, Database: h.settings.Database, User: h.settings.User, Password: password, TLS: !h.settings.Plaintext,
	}.Open()
}

// runner reads the configuration, which may have changed since the last run.
func (h *handler) runner(ctx context.Context, s alerts.Store) (*alerts.Runner, error) {
	text, err := h.routes.Object(ctx)
	if err != nil {
		return nil, fmt.Errorf("POLO_ALERTS: %w", err)
	}
	var ids []string
	for _, a := range catalogue.All() {
		ids = append(ids, a.ID)
	}
	routes, err := route.Parse([]byte(text), ids)
	if err != nil {
		return nil, fmt.Errorf("POLO_ALERTS: %w", err)
	}
	channels, err := routes.Open(func(field string) (string, error) {
		if h.settings.Secret == "" {
			return "", errors.New("POLO_ALERTS_SECRET is not set")
		}
		values, err := h.secrets.Get(ctx, field)
		if err != nil {
			return "", err
		}
		return values[0], nil
	}, h.aws, h.http)
	if err != nil { // the others still tell; what goes to these fails, and is counted
		h.log.ErrorContext(ctx, "a channel cannot be opened", slog.String("error", err.Error()))
	}
	return alerts.New(alerts.Config{
		Store: s, Journal: h.journal, Alerts: catalogue.All(), Routes: routes, Channels: channels, Interval: h.settings.Interval,
		Now: h.now, Token: uuid.NewString, Log: h.log,
	})
}

// measured are the metrics of a run. AlertRuns counts the finished ones: what watches the watchman is that it stays away.
func measured(o alerts.Outcome, ok bool) []telemetry.Metric {
	count := func(name string, n int) telemetry.Metric {
		return telemetry.Metric{Name: name, Value: float64(n), Unit: telemetry.Count}
	}
	finished, yielded := 0, 0
	switch {
	case o.Yielded:
		yielded = 1
	case ok:
		finished = 1
	}
	return []telemetry.Metric{
		count("AlertRuns", finished), count("AlertRunsYielded", yielded), count("AlertErrors", o.Errors), count("AlertsOpen", o.Open),
		count("NotificationsSent", o.Sent), count("NotificationsFailed", o.Failed),
	}
}
