package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"polo/local/chdb"
	"polo/local/stack"
	"polo/schema"
	"polo/schema/queries"
)

// linesADay is how many cost lines a day has at every size: more lines are a longer history.
const linesADay = 55_200

// runs is how often each question is asked, and patience how long at most.
const (
	runs     = 20
	patience = time.Minute
)

// question is a named query with values for its parameters.
type question struct {
	Title  string
	Query  string
	Values map[string]string
}

// timing is what a question took.
type timing struct {
	Title string
	// Rest and Busy are the 50th and 95th percentile in milliseconds: at rest, and while lines are inserted.
	Rest, Busy [2]float64
	// Rows and Bytes are what ClickHouse read, at rest.
	Rows, Bytes uint64
}

// measured is what was measured at one size.
type measured struct {
	Lines     int
	Resources int
	Questions []timing
	// Bytes on disk of a line, of its rollups, and of an event of a resource.
	LineBytes, RollupBytes, EventBytes float64
	// Refresh is the seconds of rolling up after an hour of new lines, with the state.
	Refresh float64
	// Loading is the time of inserting lines, in percent of that into a table without projection and rollups.
	Loading []float64
	// Parts of the schema, with and without: milliseconds, 50th percentile.
	Without []comparison
}

type comparison struct {
	Title         string
	With, Without float64
}

//go:embed lines.sql
var insertLines string

//go:embed resources.sql
var insertResources string

// insertChanges inserts a change of twenty resources, others each time.
const insertChanges = `INSERT INTO resource_events (ts, event_id, version, event_type, source, observed_at, arn, platform, account_id, region, service, resource_type, actor, properties)
	SELECT now64(3), generateUUIDv4(), 1, 'resource.updated', 'aws.cloudtrail', now64(3), arn, 'aws', account_id, region, service, resource_type, 'somebody', map('event_name', 'ModifyInstanceAttribute')
	FROM (SELECT arn, account_id, region, service, resource_type FROM resource_states WHERE event_type = 'resource.snapshot' AND ts >= today() - 1 LIMIT 2000) ORDER BY rand() LIMIT 20`

type bench struct {
	e          *chdb.Engine
	owner, ask driver.Conn
	lines      int
}

func measure(ctx context.Context, lines, resources int) (m measured, err error) {
	dir, err := os.MkdirTemp("", "polo-queries")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	e, err := chdb.Start(ctx, chdb.Options{Dir: dir})
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, e.Stop()) }()
	b := bench{e: e}
	migrator, err := stack.Connect(e.TCPAddr, chdb.Database, e.Users.Migrator)
	if err != nil {
		return m, err
	}
	if _, err := schema.New(migrator, stack.Target(e.Users)).Up(ctx); err != nil {
		return m, err
	}
	if b.owner, err = stack.Connect(e.TCPAddr, chdb.Database, e.Users.Owner); err != nil {
		return m, err
	}
	if b.ask, err = stack.Connect(e.TCPAddr, chdb.Database, e.Users.Reader); err != nil {
		return m, err
	}
	m = measured{Lines: lines, Resources: resources}
	say("%d lines, %d resources: loading", lines, resources)
	if err := b.load(ctx, lines, resources); err != nil {
		return m, err
	}
	if err := b.settle(ctx); err != nil {
		return m, err
	}
	if m.Questions, err = b.questions(ctx); err != nil {
		return m, err
	}
	if err := b.settle(ctx); err != nil {
		return m, err
	}
	if m.Without, err = b.without(ctx); err != nil {
		return m, err
	}
	if err := b.sizes(ctx, &m); err != nil {
		return m, err
	}
	if m.Refresh, err = b.refresh(ctx); err != nil {
		return m, err
	}
	m.Loading, err = b.loading(ctx)
	return m, err
}

func say(format string, values ...any) { fmt.Fprintf(os.Stderr, format+"\n", values...) }

// load fills the tables: lines of the days before today, resources in three daily scans.
func (b *bench) load(ctx context.Context, lines, resources int) error {
	for from := 0; from < lines; from += 500_000 {
		if err := b.insert(ctx, from, min(500_000, lines-from), lines); err != nil {
			return err
		}
	}
	b.lines = lines
	if err := b.owner.Exec(ctx, `INSERT INTO scans (ts, event_id, version, event_type, source, period_end, observed_at, account_id, delivery, events)
		SELECT toStartOfMonth(min(ts)), generateUUIDv4(), 1, 'scan.completed', 'aws.cur', addMonths(toStartOfMonth(min(ts)), 1), now64(3), '999999999999', delivery, count()
		FROM cost_lines GROUP BY delivery`); err != nil {
		return err
	}
	for scan := range 3 {
		if err := b.with(ctx, b.owner, insertResources, map[string]string{"resources": strconv.Itoa(resources), "ago": strconv.Itoa(3 - scan)}); err != nil {
			return err
		}
	}
	return b.owner.Exec(ctx, `INSERT INTO resource_events (ts, event_id, version, event_type, source, observed_at, platform, account_id, region, service, resource_type, properties)
		SELECT ts, generateUUIDv4(), 1, 'scan.completed', 'aws.inventory', ts, 'aws', account_id, region, 'ec2', resource_type, map('events', toString(count()))
		FROM resource_states GROUP BY ts, account_id, region, resource_type`)
}

// insert inserts lines with the numbers from from, of a history of lines that ends yesterday.
func (b *bench) insert(ctx context.Context, from, n, lines int) error {
	return b.insertInto(ctx, "cost_lines", from, n, lines)
}

func (b *bench) insertInto(ctx context.Context, table string, from, n, lines int) error {
	return b.with(ctx, b.owner, "INSERT INTO "+table+" "+insertLines, map[string]string{
		"from": strconv.Itoa(from), "n": strconv.Itoa(n), "days": strconv.Itoa(lines / linesADay), "a_day": strconv.Itoa(linesADay),
	})
}

func (b *bench) with(ctx context.Context, conn driver.Conn, sql string, values map[string]string) error {
	return conn.Exec(ch.Context(ctx, ch.WithParameters(values)), sql)
}

// settle waits until all is rolled up and folded, and the state is kept.
func (b *bench) settle(ctx context.Context) error {
	for {
		var settled bool
		if err := b.owner.QueryRow(ctx, "SELECT (SELECT count() FROM cost_days WHERE generation = 0) = 0 AND (SELECT argMax(stamp, made) FROM cost_states) = (SELECT stamp FROM cost_stamp) AND (SELECT any(stamp) FROM resource_rollups FINAL WHERE kind = 0) = (SELECT stamp FROM resource_stamp)").Scan(&settled); err != nil {
			return err
		}
		if settled {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

func (b *bench) questions(ctx context.Context) ([]timing, error) {
	list, err := b.list(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]timing, len(list))
	for i, q := range list {
		out[i].Title = q.Title
		var read progress
		if out[i].Rest, err = b.time(ctx, q, &read); err != nil {
			return nil, err
		}
		out[i].Rows, out[i].Bytes = read.rows, read.bytes
	}
	busy, stop := context.WithCancel(ctx)
	var inserting sync.WaitGroup
	var failed error
	inserting.Go(func() {
		for i := 0; busy.Err() == nil; i++ { // a hundred lines of yesterday and twenty changes of resources each second
			if err := errors.Join(b.insert(busy, b.lines-(i+1)*100, 100, b.lines), b.owner.Exec(busy, insertChanges)); err != nil && busy.Err() == nil {
				failed = err
				return
			}
			select {
			case <-busy.Done():
			case <-time.After(time.Second):
			}
		}
	})
	for i, q := range list {
		if out[i].Busy, err = b.time(ctx, q, nil); err != nil {
			break
		}
	}
	stop()
	inserting.Wait()
	return out, errors.Join(err, failed)
}

// list returns the questions, about resources that are there.
func (b *bench) list(ctx context.Context) ([]question, error) {
	var billed, arn, target string
	if err := b.owner.QueryRow(ctx, "SELECT (SELECT any(key) FROM cost_rollups WHERE kind = 2), (SELECT any(arn) FROM resource_states), (SELECT any(relations.target_arn[1]) FROM resource_states)").Scan(&billed, &arn, &target); err != nil {
		return nil, err
	}
	var out []question
	for _, by := range []string{"service", "account", "region", "customer", "cluster", "index"} {
		out = append(out, question{"cost of 6 months by " + by, "cost_by_dimension", map[string]string{"by": by, "from": "today-180d"}})
	}
	return append(out,
		question{"cost by day, 6 months", "cost_series", map[string]string{"by": "total", "from": "today-180d"}},
		question{"cost by month and service", "cost_series", map[string]string{"by": "service", "step": "month", "from": "today-180d"}},
		question{"cost by a tag", "cost_by_tag", map[string]string{"tag": "team", "from": "today-180d"}},
		question{"one resource's cost", "resource_cost", map[string]string{"arn": billed, "from": "today-180d"}},
		question{"one resource's state", "resource_get", map[string]string{"arn": arn}},
		question{"one resource's history", "resource_timeline", map[string]string{"arn": arn}},
		question{"one resource's neighbours", "resource_edges", map[string]string{"arn": arn}},
		question{"what depends on a resource", "resource_dependents", map[string]string{"arn": target}},
		question{"list of resources", "resource_list", nil},
		question{"search of resources", "resource_search", map[string]string{"q": "name4711"}},
		question{"facets of the inventory", "resource_facets", nil},
		question{"changes of a day", "activity_changes", nil},
		question{"two days compared", "resources_diff", map[string]string{"day": "today-1d", "before": "today-2d"}},
	), nil
}

// progress adds up what ClickHouse read.
type progress struct{ rows, bytes uint64 }

func (p *progress) add(got *ch.Progress) {
	p.rows += got.Rows
	p.bytes += got.Bytes
}

// time returns the percentiles of asking q; read becomes what ClickHouse read for it, on average.
func (b *bench) time(ctx context.Context, q question, read *progress) (out [2]float64, err error) {
	named, err := queries.Named(q.Query)
	if err != nil {
		return out, err
	}
	bound, err := named.Bind(q.Values, time.Now())
	if err != nil {
		return out, fmt.Errorf("%s: %w", q.Title, err)
	}
	if read != nil {
		ctx = ch.Context(ctx, ch.WithProgress(read.add))
	}
	asked := uint64(0)
	out, err = percentiles(func() error {
		asked++
		_, err := bound.Run(ctx, b.ask)
		return err
	})
	if read != nil {
		read.rows, read.bytes = read.rows/asked, read.bytes/asked
	}
	return out, err
}

// percentiles returns the 50th and 95th percentile in milliseconds of as many runs as runs says, after one that warms up. What takes
// so long that patience ends is run three times.
func percentiles(ask func() error) (out [2]float64, err error) {
	var took []float64
	for first := time.Now(); len(took) < runs+1 && (len(took) < 4 || time.Since(first) < patience); {
		begun := time.Now()
		if err := ask(); err != nil {
			return out, err
		}
		took = append(took, float64(time.Since(begun).Microseconds())/1000)
	}
	took = took[1:]
	slices.Sort(took)
	return [2]float64{took[len(took)/2], took[(len(took)*95+99)/100-1]}, nil
}

// without times questions with a part of the schema and without it.
func (b *bench) without(ctx context.Context) (out []comparison, err error) {
	var arn string
	if err := b.owner.QueryRow(ctx, "SELECT any(arn) FROM resource_states").Scan(&arn); err != nil {
		return nil, err
	}
	day := "SELECT day, sum(cost) FROM cost_daily GROUP BY day"
	for _, c := range []struct{ title, with, without string }{
		{"`cost_rollups`: cost by day", day, "SELECT toDate32(ts) AS day, sum(cost_amount) FROM cost_hourly GROUP BY day"},
		{"`cost_states`: what decides what costs are", "SELECT length(counting) FROM cost_state", "SELECT length(counting) FROM cost_state_live"},
		{"`resource_rollups`: a list of resources", "SELECT arn, resource_name, tags FROM resources_current ORDER BY arn LIMIT 100", "SELECT key, resource_name, tags FROM resources_live ORDER BY key LIMIT 100"},
		{"projection `days` of `cost_lines`: the days that changed", "SELECT count() FROM cost_days", "SELECT count() FROM cost_days SETTINGS optimize_use_projections = 0"},
		{"index `by_arn` of `resource_events`: one resource's events", "SELECT count() FROM resource_events FINAL WHERE arn = '" + arn + "'", "SELECT count() FROM resource_events FINAL WHERE arn = '" + arn + "' SETTINGS use_skip_indexes = 0"},
		{"index `by_arn` of `resource_states`: one resource's state", "SELECT count() FROM resource_snapshots WHERE arn = '" + arn + "'", "SELECT count() FROM resource_snapshots WHERE arn = '" + arn + "' SETTINGS use_skip_indexes = 0"},
	} {
		got := comparison{Title: c.title}
		for _, side := range []struct {
			sql string
			ms  *float64
		}{{c.with, &got.With}, {c.without, &got.Without}} {
			p, err := percentiles(func() error { return b.owner.Exec(ctx, side.sql) })
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.title, err)
			}
			*side.ms = p[0]
		}
		out = append(out, got)
	}
	return out, nil
}

// sizes measures the bytes on disk.
func (b *bench) sizes(ctx context.Context, m *measured) error {
	return b.owner.QueryRow(ctx, `SELECT sumIf(bytes_on_disk, table = 'cost_lines') / sumIf(rows, table = 'cost_lines'), sumIf(bytes_on_disk, table = 'cost_rollups') / sumIf(rows, table = 'cost_lines'),
		sumIf(bytes_on_disk, table IN ('resource_events', 'resource_states')) / sumIf(rows, table = 'resource_states')
		FROM system.parts WHERE active AND database = 'polo'`).Scan(&m.LineBytes, &m.RollupBytes, &m.EventBytes)
}

// refresh inserts an hour of lines of yesterday and times the views that roll up. The day was left alone for
// long enough by then.
func (b *bench) refresh(ctx context.Context) (float64, error) {
	time.Sleep(31 * time.Second) // a day is rolled up twice a minute at most
	if err := b.owner.Exec(ctx, "SYSTEM STOP VIEW cost_rollups_mv"); err != nil {
		return 0, err
	}
	if err := b.insert(ctx, b.lines-linesADay/24, linesADay/24, b.lines); err != nil {
		return 0, err
	}
	begun := time.Now()
	for _, sql := range []string{"SYSTEM START VIEW cost_rollups_mv", "SYSTEM REFRESH VIEW cost_rollups_mv", "SYSTEM WAIT VIEW cost_rollups_mv", "SYSTEM REFRESH VIEW cost_states_mv", "SYSTEM WAIT VIEW cost_states_mv"} {
		if err := b.owner.Exec(ctx, sql); err != nil {
			return 0, err
		}
	}
	return time.Since(begun).Seconds(), nil
}

// loading inserts the same lines by turns into cost_lines, while it is rolled up, and into a table like it
// without projection: the time in percent.
func (b *bench) loading(ctx context.Context) ([]float64, error) {
	for _, sql := range []string{"CREATE TABLE plain_lines AS cost_lines", "ALTER TABLE plain_lines DROP PROJECTION days SETTINGS mutations_sync = 2"} {
		if err := b.owner.Exec(ctx, sql); err != nil {
			return nil, err
		}
	}
	var out []float64
	for i := range 7 {
		var took [2]time.Duration
		for side, table := range []string{"plain_lines", "cost_lines"} {
			begun := time.Now()
			if err := b.insertInto(ctx, table, i*200_000, 200_000, b.lines); err != nil {
				return nil, err
			}
			took[side] = time.Since(begun)
		}
		out = append(out, 100*took[1].Seconds()/took[0].Seconds())
	}
	slices.Sort(out)
	return out, nil
}
