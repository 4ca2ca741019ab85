package schema

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Retention is how long the events of a family are kept. What no Retention names is kept for ever.
type Retention struct {
	// Family is activity, resource, cost or metric: its events are deleted; or all: they move to Volume.
	// Scans and accounts are always kept, because they decide what the other events mean.
	Family string
	// Days count from the time of the event, and for lines of a bill from the end of its billing period, so
	// that the bill ages as a whole.
	Days int
	// Volume is one of the storage policy of the tables: cheaper disks.
	Volume string
}

// leastDays are the families that may be deleted, with the least that is kept: of costs what may be restated, of
// resources the scans that are counted.
var leastDays = map[string]int{"activity": 1, "metric": 1, "resource": 31, "cost": 93}

// ParseRetention parses "activity=400d", or "all=90d:cold" for a move to the volume cold.
func ParseRetention(text string) (Retention, error) {
	var r Retention
	family, age, found := strings.Cut(text, "=")
	if !found {
		return r, fmt.Errorf("%q is not of the form activity=400d or all=90d:VOLUME", text)
	}
	age, volume, moves := strings.Cut(age, ":")
	days, err := strconv.Atoi(strings.TrimSuffix(age, "d"))
	least, deleted := leastDays[family]
	switch {
	case err != nil || !strings.HasSuffix(age, "d"):
		return r, fmt.Errorf("%q: %q is not a number of days, as 400d", text, age)
	case moves != (family == "all"):
		return r, fmt.Errorf("%q: events of a family are deleted, and all of them move to a volume, as all=90d:cold", text)
	case moves && volume == "":
		return r, fmt.Errorf("%q names no volume", text)
	case !moves && !deleted:
		return r, fmt.Errorf("%q: the family is activity, resource, cost or metric; scans and accounts are always kept", text)
	case days < max(least, 1) || days > 36500:
		return r, fmt.Errorf("%q: from %d to 36500 days", text, max(least, 1))
	}
	return Retention{Family: family, Days: days, Volume: volume}, nil
}

// retained are the tables that retention applies to. The others are small.
func retained() []string { return []string{"resource_events", "resource_states", "cost_lines"} }

// ttl returns the TTL clause of a table, "" for none.
func ttl(table string, all []Retention) string {
	var out []string
	for _, r := range all {
		at := "toDateTime(ts)"
		if table == "cost_lines" {
			at = "toDateTime(addMonths(toStartOfMonth(billing_day), 1))"
		}
		at += fmt.Sprintf(" + toIntervalDay(%d)", r.Days)
		switch {
		case r.Volume != "":
			out = append(out, at+" TO VOLUME "+quote(r.Volume))
		case table == "resource_events":
			out = append(out, at+" WHERE startsWith(event_type, "+quote(r.Family+".")+")")
		case table == map[string]string{"resource": "resource_states", "cost": "cost_lines"}[r.Family]:
			out = append(out, at)
		}
	}
	return strings.Join(out, ", ")
}

// Retain keeps events for as long as all says, and for ever what it does not name. ClickHouse ages them out as
// it merges. It returns the tables that it changed.
func (m *Migrator) Retain(ctx context.Context, all []Retention) (changed []string, err error) {
	for i, r := range all {
		if slices.ContainsFunc(all[:i], func(o Retention) bool { return o.Family == r.Family }) {
			return nil, fmt.Errorf("the retention of %s is given twice", r.Family)
		}
	}
	for _, table := range retained() {
		alter := "ALTER TABLE " + m.target.local(table) + m.target.onCluster() + " "
		want, clause := "", ttl(table, all)
		if clause != "" {
			if want, err = m.formatted(ctx, "CREATE TABLE t (ts DateTime) ENGINE = MergeTree ORDER BY ts TTL "+clause); err != nil {
				return changed, err
			}
			_, want, _ = strings.Cut(want, " TTL ")
		}
		have, err := m.retention(ctx, table)
		if err != nil {
			return changed, err
		}
		if have == want {
			continue
		}
		statement := alter + "MODIFY TTL " + clause
		if clause == "" {
			statement = alter + "REMOVE TTL"
		}
		if err := m.conn.Exec(ctx, statement); err != nil {
			return changed, fmt.Errorf("setting the retention of %s: %w", table, err)
		}
		changed = append(changed, table)
	}
	return changed, nil
}

// Retained returns the TTL of each table that retention applies to, in ClickHouse's words, "" for none.
func (m *Migrator) Retained(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	for _, table := range retained() {
		have, err := m.retention(ctx, table)
		if err != nil {
			return nil, err
		}
		out[table] = have
	}
	return out, nil
}

func (m *Migrator) retention(ctx context.Context, table string) (string, error) {
	name := strings.TrimPrefix(m.target.local(table), "polo.")
	var engine string
	err := m.conn.QueryRow(ctx, "SELECT engine_full FROM system.tables WHERE database = 'polo' AND name = "+quote(name)).Scan(&engine)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", fmt.Errorf("the table polo.%s is missing: run polo schema up first", name)
	case err != nil:
		return "", fmt.Errorf("reading the retention of %s: %w", table, err)
	}
	_, have, _ := strings.Cut(engine, " TTL ")
	have, _, _ = strings.Cut(have, " SETTINGS ")
	return have, nil
}

func (m *Migrator) formatted(ctx context.Context, statement string) (out string, err error) {
	if err := m.conn.QueryRow(ctx, "SELECT formatQuerySingleLine("+quote(statement)+")").Scan(&out); err != nil {
		return "", fmt.Errorf("formatting %s: %w", statement, err)
	}
	return out, nil
}
