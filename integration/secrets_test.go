package integration_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/local/stack"
	"polo/producers/tree/treetest"
)

// planted creates secrets that no rule knows by their shape, and remembers them.
type planted map[string]string

func (p planted) secret(where string) string {
	s := "Zq" + strings.ToLower(rand.Text()[:14]) + "7k"
	p[where] = s
	return s
}

// found returns where the secrets in a text were planted.
func (p planted) found(text string) (where []string) {
	for w, s := range p {
		if strings.Contains(text, s) {
			where = append(where, w)
		}
	}
	return where
}

// TestNoSecretIsAtRest plants secrets in every source's input, whole and damaged, and looks
// for them in all tables, the queues' file, the letters and the output.
func TestNoSecretIsAtRest(t *testing.T) {
	t.Parallel()
	p := planted{}
	input := treetest.Folder(t, p.input(t))
	data := t.TempDir()
	cmd := command(t.Context(), t, "ingest", "--data", data, "--input", input, "--account", "111122223333", "--region", "eu-west-1", "--json")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	// A log that ends in the middle leaves it incomplete.
	if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("polo ingest: %v, want exit code 3\n%s", err, out.String())
	}
	if where := p.found(out.String()); where != nil {
		t.Errorf("polo ingest prints secrets of %q:\n%s", where, out.String())
	}
	p.checkFiles(t, data)
	withStack(t, data, func(s *stack.Stack) {
		for where, pack := range p.packs(t) {
			if err := queue.SendAll(t.Context(), s.Queue, []queue.Outgoing{{Body: pack}}, queue.Retry{}); err != nil {
				t.Fatalf("%s: %v", where, err)
			}
		}
		drainAll(t, s)
		p.checkTables(t, s)
		p.checkLetters(t, s.DLQ)
	})
}

// input returns files of every source.
func (p planted) input(t *testing.T) map[string]string {
	t.Helper()
	record := func(id, request, rest string) string {
		r := apiCall(id, request)
		return r[:len(r)-1] + rest + "}"
	}
	quoted := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	records := []string{
		record("s-1", `{"masterUserPassword":"`+p.secret("a member")+`"}`, ""),
		record("s-2", `{"environment":[{"name":"DB_PASSWORD","value":"`+p.secret("a named value")+`"}],"kept":"Kept9"}`, ""),
		record("s-3", `{"parameters":[{"parameterKey":"DBPassword","parameterValue":"`+p.secret("a parameter")+`"}]}`, ""),
		record("s-4", `{"variables":{"GITHUB_TOKEN":"`+p.secret("a token")+`","DATABASE_URL":"postgres://u:`+p.secret("a URL")+`@h/d","X":"?api_key=`+p.secret("a query")+`"}}`, ""),
		record("s-5", `{"commands":["mysql -u root -p`+p.secret("mysql")+`","run --password=`+p.secret("a flag")+`","export FOO_TOKEN=`+p.secret("an assignment")+`"]}`, ""),
		record("s-6", strings.Repeat(`{"a":`, 100)+`{"client_secret":["`+p.secret("below 100 levels")+`"]}`+strings.Repeat("}", 100), ""),
		record("s-7", `{"body":`+quoted(`{"password":"`+p.secret("nested text")+`"}`)+`}`, `,"errorCode":"X","errorMessage":"bad token=`+p.secret("an error")+`"`),
		record("s-8", `{"tagSet":{"items":[{"key":"api-key","value":"`+p.secret("a tag in a request")+`"}]}}`, `,"userAgent":"x --token `+p.secret("a user agent")+`"`),
		strings.Replace(record("s-9", `{"secret":"`+p.secret("a record that is refused")+`"}`, ""), `"eventTime":"2026-03-01T10:00:50Z",`, `"eventTime":"never",`, 1),
	}
	instance := `{"Reservations":[{"OwnerId":"111122223333","Instances":[{"InstanceId":"i-0abcdef0123456789","State":{"Name":"running"},"Tags":[{"Key":"db_password","Value":"` + p.secret("an instance's tag") + `"},{"Key":"Name","Value":"Kept9"}]}]}]}`
	const bill = "identity/LineItemId,identity/TimeInterval,bill/BillType,bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,lineItem/UsageAccountId,lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate," +
		"lineItem/ProductCode,lineItem/UsageType,lineItem/Operation,lineItem/UsageAmount,lineItem/CurrencyCode,lineItem/UnblendedCost,lineItem/LineItemDescription,resourceTags/user:DBPassword\n"
	row := func(id, cost, description, tag string) string {
		return id + ",2026-03-01T00:00:00Z/2026-03-01T01:00:00Z,Anniversary,111122223333,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z,111122223333,Usage,2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,AmazonEC2,BoxUsage,RunInstances,1,USD," +
			cost + "," + description + "," + tag + "\n"
	}
	return map[string]string{
		"trail/a.json":                            `{"Records":[` + strings.Join(records, ",") + `]}`,
		"trail/cut.json":                          `{"Records":[` + record("c-1", "null", "") + `,` + strings.TrimSuffix(record("c-2", `{"password":"`+p.secret("a cut record")+`"}`, ""), `}`),
		"trail/b.json.gz":                         treetest.Gzip(t, record("s-10", `{"password":12,"sessionToken":"`+p.secret("a packed log")+`"}`, "")+"\n{\"x\":\"password="+p.secret("an unknown record")+"\"}\n"),
		"recorded/ec2.DescribeInstances_1.json":   instance,
		"recorded/ec2.DescribeVolumes_1.json":     `{"Volumes":[{"VolumeId":"vol-1","password":"` + p.secret("a damaged answer") + `"`,
		"bills/rep-1.csv":                         bill + row("l-1", "1", "uses --password="+p.secret("a description"), p.secret("a bill's tag")) + row("l-2", "none", "x", p.secret("a bad row's tag")),
		"recorded/iam.ListUsers_1.json":           `{"Users":[{"UserName":"u","UserId":"AIDAEXAMPLE","Arn":"arn:aws:iam::111122223333:user/u","Path":"/","Tags":[{"Key":"token","Value":"` + p.secret("a user's tag") + `"}]}]}`,
		"recorded/lambda.ListFunctions_1.json":    `{"Functions":[{"FunctionName":"f","FunctionArn":"arn:aws:lambda:eu-west-1:111122223333:function:f","Runtime":"x","Description":"api_key=` + p.secret("a function's description") + `"}]}`,
		"recorded/rds.DescribeDBInstances_1.json": `{"DBInstances":[{"DBInstanceIdentifier":"d","DBInstanceArn":"arn:aws:rds:eu-west-1:111122223333:db:d","MasterUsername":"u","MasterUserPassword":"` + p.secret("a database") + `"}]}`,
	}
}

// packs returns messages of a producer that does not redact.
func (p planted) packs(t *testing.T) map[string]string {
	t.Helper()
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	event := func(where string) envelope.ResourceEvent {
		return envelope.ResourceEvent{
			EventID: envelope.NewEventID("other", at, where), EventType: envelope.TypeAPICall, Source: "other", TS: at, ObservedAt: at,
			Tags: envelope.PairsOf(map[string]string{"token": p.secret(where)}), Properties: envelope.PairsOf(map[string]string{"kept": "Kept9"}),
		}
	}
	pack := func(lines ...[]byte) string {
		packs, _, err := envelope.EncodePacks("other", lines, 200<<10)
		if err != nil || len(packs) != 1 {
			t.Fatalf("%d packs, %v", len(packs), err)
		}
		return packs[0].Body
	}
	good, bad := event("another producer's event"), event("another producer's bad event")
	bad.EventType = "no type"
	many := slices.Repeat([][]byte{[]byte(`{"password":"` + p.secret("another producer's pack") + `"}`)}, 101)
	torn := pack([]byte(`{"password":"` + p.secret("a torn pack") + `"}`))
	return map[string]string{
		"good and bad": pack(good.AppendJSON(nil), bad.AppendJSON(nil)), "many": pack(many...), "torn": strings.Replace(torn, `"count":1`, `"count":2`, 1),
	}
}

func (p planted) checkFiles(t *testing.T, dir string) {
	t.Helper()
	looked := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		if where := p.found(string(text)); where != nil {
			t.Errorf("secrets of %q are in %s", where, strings.TrimPrefix(path, dir))
		}
		return nil
	})
	if err != nil || looked < 3 {
		t.Fatalf("looked into %d files: %v", looked, err)
	}
}

func (p planted) checkTables(t *testing.T, s *stack.Stack) {
	t.Helper()
	conn, err := stack.Connect(s.Endpoints.ClickHouseTCP, s.Endpoints.Database, s.Endpoints.Users.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	tables := texts(t, conn, "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine NOT IN ('MaterializedView', 'Dictionary')")
	if len(tables) < 10 {
		t.Fatalf("only the tables %q", tables)
	}
	holding := func(table, text string) int64 {
		return scanNumber(t, conn, "SELECT count() FROM "+table+" WHERE position(formatRow('TSV', *), '"+text+"') > 0")
	}
	for _, table := range tables {
		for where, secret := range p {
			if holding(table, secret) > 0 {
				t.Errorf("the secret of %s is in %s", where, table)
			}
		}
	}
	// What stands beside the secrets is there: the queries do find things.
	if n := holding("resource_events", "Kept9"); n < 3 {
		t.Errorf("%d events hold the text that is no secret", n)
	}
	if n := scanNumber(t, conn, "SELECT count() FROM resource_events WHERE position(formatRow('TSV', *), '***') > 0"); n < 12 {
		t.Errorf("%d events had secrets", n)
	}
}

func (p planted) checkLetters(t *testing.T, dlq queue.Receiver) {
	t.Helper()
	reasons := map[queue.Reason]int{}
	redacted := 0
	for {
		got, err := dlq.Receive(t.Context(), 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			break
		}
		for _, m := range got {
			f, err := queue.ParseFailure(m)
			if err != nil {
				t.Fatal(err)
			}
			reasons[f.Reason]++
			if len(f.Redacted) > 0 {
				redacted++
			}
			text := m.Body + string(f.Body) + f.Err + f.Origin
			if d, err := envelope.NewDecoder(envelope.DefaultBounds()); err == nil {
				if pack, err := d.Decode(f.Body); err == nil {
					for _, l := range pack.Lines {
						text += string(l.Raw)
					}
				}
			}
			if where := p.found(text); where != nil {
				t.Errorf("the secrets of %q are in a letter, %s: %.300s", where, f.Reason, text)
			}
		}
	}
	for _, reason := range []queue.Reason{queue.ReasonMalformedRecord, queue.ReasonUnreadableFile, queue.ReasonInvalidEvent, queue.ReasonManyBadEvents, queue.ReasonCorruptPack} {
		if reasons[reason] == 0 {
			t.Errorf("no letter is of %s: %v", reason, reasons)
		}
	}
	if redacted < 7 {
		t.Errorf("%d letters report secrets: %v", redacted, reasons)
	}
}
