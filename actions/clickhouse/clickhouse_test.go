package clickhouse_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"polo/actions"
	"polo/actions/actionstest"
	"polo/actions/clickhouse"
	"polo/envelope"
	store "polo/internal/clickhouse"
	"polo/internal/queue"
	"polo/local/chdb"
	"polo/local/chdb/chdbtest"
	"polo/schema"
)

func TestMain(m *testing.M) {
	chdb.RunChild()
	os.Exit(m.Run())
}

// insertion is a queue whose messages are inserted at once, as the consumer does.
type insertion struct {
	t    *testing.T
	sink *store.Sink
}

func (insertion) Limits() queue.Limits {
	return queue.Limits{MaxEntries: 10, MaxBytes: 1 << 20, MaxMessage: 1 << 20}
}

func (q insertion) SendBatch(ctx context.Context, batch []queue.Outgoing) []error {
	decoder, err := envelope.NewDecoder(envelope.DefaultBounds())
	if err != nil {
		return []error{err}
	}
	for _, m := range batch {
		pack, err := decoder.Decode([]byte(m.Body))
		if err != nil {
			q.t.Error(err)
			return nil
		}
		var events []envelope.ResourceEvent
		for _, line := range pack.Lines {
			events = append(events, line.Event)
		}
		q.insert(ctx, events)
	}
	return nil
}

func (q insertion) insert(ctx context.Context, events []envelope.ResourceEvent) {
	q.t.Helper()
	rows := schema.NewRows()
	for i := range events {
		if err := rows.Append(&events[i], envelope.RowVersion(events[i].ObservedAt, events[i].AppendJSON(nil))); err != nil {
			q.t.Error(err)
		}
	}
	if err := q.sink.Insert(ctx, rows, uuid.NewString()); err != nil {
		q.t.Error(err)
	}
}

// refusing is a dead-letter queue that must get nothing.
type refusing struct{ insertion }

func (q refusing) SendBatch(_ context.Context, batch []queue.Outgoing) []error {
	q.t.Errorf("letters: %v", batch)
	return nil
}

type engine struct {
	*chdb.Engine
	queue insertion
	conn  *clickhouse.Conn
}

func start(t *testing.T) engine {
	t.Helper()
	e := chdbtest.Start(t)
	sink := store.NewSink(store.Config{Addr: e.TCPAddr, Database: chdb.Database, User: e.Users.Writer.Name, Password: e.Users.Writer.Password})
	conn := &clickhouse.Conn{Server: store.Server{Addr: e.TCPAddr, Database: chdb.Database, User: e.Users.Reader.Name, Password: e.Users.Reader.Password}}
	t.Cleanup(func() {
		if err := sink.Close(); err != nil {
			t.Error(err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine{e, insertion{t, sink}, conn}
}

func (e engine) journal() *clickhouse.Journal {
	return &clickhouse.Journal{Conn: e.conn, Queue: e.queue, DeadLetter: refusing{e.queue}}
}

// The journal in memory, which the other tests use, and the one in ClickHouse are the same; and a plan goes through both.
func TestJournals(t *testing.T) {
	t.Parallel()
	for name, journal := range map[string]actions.Journal{"memory": &actionstest.Journal{}, "ClickHouse": start(t).journal()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := actionstest.NewWorld(t)
			w.Config.Journal = journal
			w.Restart(t)
			for _, id := range []string{"revoke_open_ingress", "stop_instance"} {
				p, approvals := w.Planned(t, actionstest.Case(id))
				for _, repeated := range []bool{false, true} {
					out, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals)
					if err != nil || out.Status != actions.StatusExecuted || out.Repeated != repeated {
						t.Fatalf("%+v, %v", out, err)
					}
				}
				out, err := w.Engine.Undo(t.Context(), w.By(actionstest.Ada), p.Sealed, w.Approved(t, p, actions.PhaseUndo))
				if err != nil || out.Status != actions.StatusUndone {
					t.Fatalf("%+v, %v", out, err)
				}
			}
			if n := len(w.AWS.Writes()); n != 4 {
				t.Errorf("%d writes", n)
			}
			w.Advance(2 * time.Hour) // an undo that exposes counts in the hour
			// A function dies after its call: the sweep finds its plan in the journal.
			w.AWS.Fault = func(op string) actionstest.Fault {
				if op == "ModifyDBInstance" {
					return actionstest.Lost
				}
				return actionstest.None
			}
			p, approvals := w.Planned(t, actionstest.Case("make_database_private"))
			if out, err := w.Engine.Execute(t.Context(), w.By(actionstest.Ada), p.Sealed, approvals); err != nil || out.Status != actions.StatusUnknown {
				t.Fatalf("%+v, %v", out, err)
			}
			w.AWS.Change(func(a *actionstest.AWS) {
				d := *a.Databases["db-1"]
				d.PubliclyAccessible = aws.Bool(false)
				a.Databases["db-1"] = &d
			})
			w.Advance(10 * time.Minute)
			if swept, err := w.Engine.Sweep(t.Context()); err != nil || swept.Settled != 1 || swept.Open != 0 {
				t.Errorf("%+v, %v", swept, err)
			}
			conforms(t, journal)
		})
	}
}

// conforms checks what the engine relies on of a journal.
func conforms(t *testing.T, j actions.Journal) {
	t.Helper()
	at := actionstest.Clock().Add(24 * time.Hour)
	entry := func(kind actions.Kind, plan, arn string, at time.Time, observed time.Duration) actions.Entry {
		return actions.Entry{
			Kind: kind, Plan: plan, Phase: actions.PhaseExecute, Step: 1, Attempt: "r-" + plan, At: at, Observed: at.Add(observed), Action: "stop_instance", ARN: arn,
			Account: actionstest.Account, Region: actionstest.Region, Environment: "staging", Type: "ec2:instance", Rule: "owner_missing", Person: actionstest.Ada,
			Reason: "accepted", Text: "a text", Nonce: "n-" + plan, Call: "ec2:StopInstances", Sealed: "plan1.k2." + strings.Repeat("eyJpZCI6IjEyMyJ9", 500) + ".AAAA",
		}
	}
	arn, other := actionstest.EC2("instance/i-100"), actionstest.EC2("instance/i-200")
	first := entry(actions.KindIntended, "p1", arn, at, 0)
	second := entry(actions.KindIntended, "p2", other, at.Add(time.Minute), 0)
	end := entry(actions.KindUnknown, "p1", arn, at, time.Second)
	end.Sealed = "plan1.k2.e30.AAAA" // not read again
	restated := end
	restated.Observed, restated.Text = end.Observed.Add(time.Second), "a later text"
	old := entry(actions.KindIntended, "p0", arn, at.Add(-48*time.Hour), 0)
	for _, batch := range [][]actions.Entry{{first}, {second, end}, {first}, {restated}, {end}, {old}} {
		if err := j.Append(t.Context(), batch...); err != nil {
			t.Fatal(err)
		}
	}
	of, err := j.OfResource(t.Context(), arn, at.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	sorted := cmpopts.SortSlices(func(a, b actions.Entry) bool { return a.ID().String() < b.ID().String() })
	restated.Sealed = ""
	if diff := cmp.Diff([]actions.Entry{first, restated}, of, sorted); diff != "" {
		t.Error(diff)
	}
	all, err := j.All(t.Context(), at.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]actions.Entry{first, second, restated}, all, sorted); diff != "" {
		t.Error(diff)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := j.Append(cancelled, first); err == nil {
		t.Error("appended after the end of its context")
	}
	if _, err := j.All(cancelled, at); err == nil {
		t.Error("read after the end of its context")
	}
}

// An event of the journal's source that is no entry is left out, and told: it must not stop every action.
func TestJournalSkipsWhatIsNoEntry(t *testing.T) {
	t.Parallel()
	e := start(t)
	var log bytes.Buffer
	j := e.journal()
	j.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	at := actionstest.Clock()
	good := actions.Entry{
		Kind: actions.KindIntended, Plan: "p", Phase: actions.PhaseExecute, Attempt: "a", At: at, Observed: at, Action: "stop_instance", ARN: actionstest.EC2("instance/i-1"),
		Account: actionstest.Account, Region: actionstest.Region, Type: "ec2:instance", Sealed: "plan1.k2.e30.AAAA",
	}
	bad := good
	bad.Attempt = "b"
	events := []envelope.ResourceEvent{good.Event(), bad.Event()}
	events[1].Properties.Set("step", "-1")
	e.queue.insert(t.Context(), events)
	got, err := j.OfResource(t.Context(), good.ARN, at.Add(-time.Hour))
	if diff := cmp.Diff([]actions.Entry{good}, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("%s, %v", diff, err)
	}
	if !strings.Contains(log.String(), `"events":1`) {
		t.Errorf("the log says %s", log.String())
	}
}

// What cannot be written whole is not acknowledged.
func TestJournalRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	j := &clickhouse.Journal{Queue: insertion{t: t}, DeadLetter: refusing{insertion{t: t}}}
	now := time.Now().UTC().Truncate(time.Millisecond)
	for name, e := range map[string]actions.Entry{
		"too large": {Kind: actions.KindIntended, At: now, Observed: now, Sealed: strings.Repeat("x", 300<<10)},
		"invalid":   {Kind: actions.KindIntended, At: now, Observed: now, ARN: "no ARN"},
	} {
		if err := j.Append(t.Context(), e); err == nil {
			t.Errorf("%s was acknowledged", name)
		}
	}
}

// The evidence is what the collectors saw.
func TestEvidence(t *testing.T) {
	t.Parallel()
	e := start(t)
	now := time.Now().UTC().Truncate(time.Millisecond)
	scanned := now.Add(-2 * time.Hour)
	group := actionstest.EC2("security-group/sg-1")
	event := func(kind string, source string, ts time.Time, id string) envelope.ResourceEvent {
		return envelope.ResourceEvent{
			EventID: envelope.NewEventID(source, ts, kind, id), EventType: kind, Source: source, TS: ts, ObservedAt: ts, Platform: "aws",
			AccountID: actionstest.Account, Region: actionstest.Region, Service: "ec2", ResourceType: "ec2:security-group",
		}
	}
	seen := event(envelope.TypeSnapshot, "aws.ec2", scanned, "sg-1")
	seen.ARN = group
	seen.Properties = envelope.PairsOf(map[string]string{
		"group_name": "web", "ip_permissions": `[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]`,
	})
	complete := event(envelope.TypeScanCompleted, "aws.ec2", scanned, "scan")
	complete.Properties = envelope.PairsOf(map[string]string{envelope.PropEvents: "1"})
	events := []envelope.ResourceEvent{seen, complete}
	day := now.Truncate(24 * time.Hour)
	for i := range 40 {
		cost := event(envelope.TypeCostAccrued, "aws.cur", day.AddDate(0, 0, -i), fmt.Sprint("line", i))
		cost.ARN, cost.PeriodEnd, cost.Currency = group, cost.TS.AddDate(0, 0, 1), "USD"
		cost.CostAmount = decimal.NewNullDecimal(decimal.RequireFromString("0.10000000000000000001"))
		events = append(events, cost)
	}
	for i, code := range []string{"", "AccessDenied"} {
		call := event(envelope.TypeAPICall, "aws.cloudtrail", now.Add(-time.Minute), fmt.Sprint("call", i))
		call.Actor, call.ErrorCode = fmt.Sprintf("arn:aws:sts::%s:assumed-role/prod-polo-action-role/r%d", actionstest.Account, i), code
		call.Properties = envelope.PairsOf(map[string]string{"event_name": "RevokeSecurityGroupIngress"})
		events = append(events, call)
	}
	volume := actionstest.EC2("volume/vol-1")
	for i, one := range []struct {
		arn, name, code string
		age             time.Duration
	}{
		{volume, "AttachVolume", "", time.Minute},
		{volume, "DetachVolume", "", 0},
		{volume, "AttachVolume", "VolumeInUse", 0},
		{volume, "CreateTags", "", 0},
		{volume, "AttachVolume", "", time.Hour},
		{actionstest.EC2("volume/vol-2"), "AttachVolume", "", 0},
	} {
		call := event(envelope.TypeAPICall, "aws.cloudtrail", now.Add(-one.age), fmt.Sprint("volume", i))
		call.ARN, call.ResourceType, call.ErrorCode = one.arn, "ec2:volume", one.code
		call.Properties = envelope.PairsOf(map[string]string{"event_name": one.name})
		events = append(events, call)
	}
	e.queue.insert(t.Context(), events)
	owner, err := ch.Open(&ch.Options{Addr: []string{e.TCPAddr}, Auth: ch.Auth{Username: e.Users.Migrator.Name, Password: e.Users.Migrator.Password, Database: chdb.Database}})
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Exec(t.Context(), "INSERT INTO polo.account_metadata (account_id, role) VALUES ('"+actionstest.Account+"', 'staging')"); err != nil {
		t.Fatal(err)
	}
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}

	evidence := &clickhouse.Evidence{Conn: e.conn}
	got, err := evidence.Resource(t.Context(), group)
	want := actions.Resource{Account: actionstest.Account, Region: actionstest.Region, Type: "ec2:security-group", Environment: "staging"}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := evidence.Resource(t.Context(), "arn:aws:s3:::x"); err != actions.ErrNoResource { //nolint:errorlint // it is returned bare
		t.Error(err)
	}
	v, err := evidence.Violation(t.Context(), "sg_open_admin", group)
	if err != nil || v.Status != "open" || !v.Scanned.Equal(scanned) {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := evidence.Violation(t.Context(), "sg_open_admin", "arn:aws:s3:::x"); err != nil || v.Status != "" {
		t.Errorf("%+v, %v", v, err)
	}
	if n, err := evidence.Count(t.Context(), "ec2:security-group"); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	cost, err := evidence.Cost(t.Context(), group)
	if err != nil || len(cost) != 1 || cost[0].Amount.String() != "3.0000000000000000003" || cost[0].Currency != "USD" {
		t.Errorf("%+v, %v", cost, err)
	}
	names := []string{"AttachVolume", "DetachVolume"}
	calls, err := evidence.CallsOn(t.Context(), volume, names, now.Add(-10*time.Minute))
	if diff := cmp.Diff(names, calls); diff != "" || err != nil {
		t.Errorf("%s, %v", diff, err)
	}
	if calls, err := evidence.CallsOn(t.Context(), volume, names, now.Add(time.Second)); err != nil || len(calls) != 0 {
		t.Errorf("%v, %v", calls, err)
	}
	for session, want := range map[string][]string{"r0": {"RevokeSecurityGroupIngress"}, "r1": nil, "0": nil, "r2": nil} {
		calls, err := evidence.Calls(t.Context(), session, now.Add(-time.Hour))
		if diff := cmp.Diff(want, calls); diff != "" || err != nil {
			t.Errorf("%s: %s, %v", session, diff, err)
		}
	}
}
