package integration_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"polo/internal/queue"
	"polo/local/lambda"
	"polo/local/stack"
	"polo/producers/cloudflare/cloudflaretest"
	"polo/producers/datadog/datadogtest"
	"polo/producers/github/githubtest"
	"polo/producers/registry"
)

// The account and the zone of Cloudflare.
const (
	cloudflareAccount = "0000000000000000000000000000aaaa"
	cloudflareZone    = "11111111111111111111111111111111"
)

// platforms is Polo with the functions of GitHub, Cloudflare and Datadog, each against a fake
// of its API.
type platforms struct {
	planted
	vault      *vault
	github     *githubtest.API
	cloudflare *cloudflaretest.API
	datadog    *datadogtest.Server

	stack     *stack.Stack
	conn      driver.Conn
	functions map[string]*lambda.Function
}

// TestPlatformsThroughLambda runs each source of GitHub, Cloudflare and Datadog as its Lambda
// function, with its secret from Secrets Manager, through SQS and the consumer into
// ClickHouse: as scheduled, at the same time again, restated, refused in part, and whole again.
func TestPlatformsThroughLambda(t *testing.T) {
	t.Parallel()
	p := &platforms{planted: planted{}, vault: newVault(t), functions: map[string]*lambda.Function{}}
	programs := buildFunctions(t, "producers/github", "producers/cloudflare", "producers/datadog", "producers/github/webhooks")
	env := p.fakes(t)
	data := t.TempDir()
	withStack(t, data, func(s *stack.Stack) {
		defer p.start(t, s, programs, env)()
		want, before := map[string]string{}, state{}
		for _, step := range platformSteps() {
			if step.change != nil {
				step.change(t, p)
			}
			p.invoke(t, step.at, step.failing)
			got := p.state(t)
			for name, value := range step.want {
				if want[name] = value; value == "" {
					delete(want, name)
				}
			}
			if diff := cmp.Diff(want, got.read); diff != "" {
				t.Errorf("%s (-want +got):\n%s", step.name, diff)
			}
			if diff := cmp.Diff(before.events, got.events); step.change == nil && diff != "" {
				t.Errorf("%s: events (-before +after):\n%s", step.name, diff)
			}
			before = got
		}
		p.deliver(t, s, programs, env["github"])
		p.lookIn(t, "Kept9")
	})
	p.forgetSignatures()
	p.checkFiles(t, data)
}

// buildFunctions builds the programs in the folders lambda of these, each named after its function, into a folder.
func buildFunctions(t *testing.T, folders ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range folders {
		name := strings.ReplaceAll(strings.TrimPrefix(folder, "producers/"), "/", "-")
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, name), "polo/"+folder+"/lambda").CombinedOutput(); err != nil {
			t.Fatalf("building %s: %v\n%s", name, err, out)
		}
	}
	return dir
}

// fakes starts the APIs, and returns the environment of each platform's functions.
func (p *platforms) fakes(t *testing.T) map[string]map[string]string {
	t.Helper()
	serve := func(h http.Handler) string {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server.URL
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	p.planted["the App's private key"] = strings.Split(private, "\n")[1]
	p.planted["a token of the App's installation"] = "ghs_minted"
	token := p.secret("GitHub's token")
	p.github = githubtest.New(token)
	p.github.SetApp("4711", &key.PublicKey)
	p.github.Install("acme", githubtest.Installation{ID: 99, Selection: "all"})
	p.github.Organisation("acme", 77, 3)

	cloudflareToken := p.secret("Cloudflare's token")
	p.cloudflare = cloudflaretest.New(cloudflareToken)
	p.cloudflare.AddAccount(cloudflareAccount, "Acme")
	p.cloudflare.AddZone(cloudflareAccount, cloudflareZone, "shop.example", "20")

	p.planted["Datadog's API key"], p.planted["Datadog's application key"] = datadogtest.APIKey, datadogtest.ApplicationKey
	p.datadog = datadogtest.New(datadogtest.State{Organisations: []string{"parent", "sub"}})
	p.rotate(t, datadogtest.ApplicationKey)
	api := serve(p.github)
	githubSecret := p.vault.put(t, "github", map[string]string{
		"app_id": "4711", "private_key": private, "enterprise_token": token, "webhook_secret": p.secret("what webhooks are signed with"),
	})
	return map[string]map[string]string{
		// An enterprise is billed to a token, and no App: one secret has both.
		"github.billing": {"POLO_ENDPOINT": api, "POLO_GITHUB": `{"enterprise":"mega"}`, "POLO_GITHUB_SECRET": githubSecret},
		"github":         {"POLO_ENDPOINT": api, "POLO_GITHUB": `{"organisations":["Acme"]}`, "POLO_GITHUB_SECRET": githubSecret},
		"cloudflare": {
			"POLO_ENDPOINT": serve(p.cloudflare), "POLO_CLOUDFLARE": `{"accounts":["` + cloudflareAccount + `"]}`,
			"POLO_CLOUDFLARE_SECRET": p.vault.put(t, "cloudflare", map[string]string{"api_token": cloudflareToken}),
		},
		"datadog": {
			"POLO_ENDPOINT": serve(p.datadog), "POLO_DATADOG": `{"site":"datadoghq.eu","organisation":"parent"}`, "POLO_DATADOG_SECRET": "arn:aws:secretsmanager:us-east-1:111122223333:secret:datadog",
		},
	}
}

// rotate replaces Datadog's application key in the vault.
func (p *platforms) rotate(t *testing.T, applicationKey string) {
	t.Helper()
	p.vault.put(t, "datadog", map[string]string{"api_key": datadogtest.APIKey, "application_key": applicationKey})
}

// start starts the consumer and the functions of all sources, and returns what stops them.
func (p *platforms) start(t *testing.T, s *stack.Stack, programs string, env map[string]map[string]string) func() {
	t.Helper()
	conn, err := stack.Connect(s.Endpoints.ClickHouseTCP, s.Endpoints.Database, s.Endpoints.Users.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.stack, p.conn = s, conn
	functions := s.Functions(programs, slog.New(slog.DiscardHandler))
	consumer, closeSink, err := s.Consumer(nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := consumer.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	sources, err := registry.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range sources {
		variables := env[src.Name]
		if variables == nil {
			variables = env[src.Function]
		}
		if variables == nil {
			continue
		}
		for name, value := range map[string]string{"AWS_ENDPOINT_URL_SECRETS_MANAGER": p.vault.url, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"} {
			variables[name] = value
		}
		fn, err := functions.Collector(src.Function, src.Name, variables)
		if err != nil {
			t.Fatal(err)
		}
		p.functions[src.Name] = fn
	}
	if len(p.functions) != 11 {
		t.Fatalf("%d functions", len(p.functions))
	}
	return func() {
		cancel()
		running.Wait()
		if err := errors.Join(functions.Close(), closeSink(), conn.Close()); err != nil {
			t.Error(err)
		}
	}
}

// invoke runs each source once at a scheduled time, and waits until all has arrived. Those of
// failing, and no other, fail: they read nothing.
func (p *platforms) invoke(t *testing.T, at string, failing []string) {
	t.Helper()
	var mu sync.Mutex
	var failed []string
	var running sync.WaitGroup
	for name, fn := range p.functions {
		running.Go(func() {
			answer, err := fn.Invoke(t.Context(), lambda.Invocation{Payload: []byte(`{"scheduled":"` + at + `"}`)})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = append(failed, name)
			}
			if where := p.found(string(answer) + fmt.Sprint(err)); where != nil {
				t.Errorf("%s answers with secrets of %q: %s %v", name, where, answer, err)
			}
		})
	}
	running.Wait()
	slices.Sort(failed)
	if diff := cmp.Diff(failing, failed); diff != "" {
		t.Errorf("functions that fail at %s (-want +got):\n%s", at, diff)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := stack.AwaitEmpty(ctx, p.stack.Queue, 50*time.Millisecond, nil); err != nil {
		t.Fatal(err)
	}
}

// state is what has arrived.
type state struct {
	// read is what people read: "costs of github" is their sum, and how many lines are in it.
	read map[string]string
	// events counts all events by source and type.
	events []string
}

func (p *platforms) state(t *testing.T) state {
	t.Helper()
	s := state{read: map[string]string{}, events: texts(t, p.conn, "SELECT concat(source, ' ', event_type, ' ', toString(count())) AS text FROM resource_events FINAL GROUP BY source, event_type ORDER BY text")}
	for _, query := range []string{
		"concat('costs of ', platform), concat(toString(sum(cost)), ' in ', toString(sum(lines)), ', gone ', toString(sum(gone_lines))) FROM cost_rollup_daily GROUP BY platform",
		"concat('views of ', source), toString(sum(cost_amount)) FROM cost_lines FINAL WHERE event_type = 'cost.viewed' GROUP BY source",
		"concat('there: ', resource_type), toString(count()) FROM resources_current GROUP BY resource_type",
		"concat('activity of ', source), toString(count()) FROM resource_events FINAL WHERE event_type LIKE 'activity.%' GROUP BY source",
		"concat('metrics of ', source), toString(sum(metric_value)) FROM resource_events FINAL WHERE event_type = 'metric.sampled' GROUP BY source",
		"concat('gap of ', source, ': ', what), reason FROM coverage_gaps",
	} {
		what, from, _ := strings.Cut(query, " FROM ")
		for _, row := range texts(t, p.conn, "SELECT arrayStringConcat(["+what+"], '\t') FROM "+from) {
			name, value, _ := strings.Cut(row, "\t")
			s.read[name] = value
		}
	}
	return s
}

// lookIn looks for the secrets in all tables, in which events hold what was kept, and in the dead-letter queue, which is empty.
func (p *platforms) lookIn(t *testing.T, kept string) {
	t.Helper()
	holding := func(table, condition string) int64 {
		return scanNumber(t, p.conn, "SELECT count() FROM "+table+" WHERE "+condition)
	}
	var secrets []string
	for _, s := range p.planted {
		secrets = append(secrets, "'"+s+"'")
	}
	tables := texts(t, p.conn, "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine NOT IN ('View', 'MaterializedView', 'Dictionary')")
	for _, table := range tables {
		if n := holding(table, "multiSearchAny(formatRow('TSV', *), ["+strings.Join(secrets, ",")+"])"); n > 0 {
			t.Errorf("%d rows of %s hold a secret", n, table)
		}
	}
	if n := holding("resource_events", "position(formatRow('TSV', *), '"+kept+"') > 0"); n < 3 || len(tables) < 10 {
		t.Errorf("%d events hold what stands beside the secrets, in %d tables", n, len(tables))
	}
	letters, err := p.stack.DLQ.Receive(t.Context(), 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range letters {
		f, err := queue.ParseFailure(m)
		t.Errorf("a letter: %s %s %v", f.Reason, f.Err, err)
	}
}

// oneLetter takes the one letter of the dead-letter queue, which says why it is there.
func (p *platforms) oneLetter(t *testing.T, why string) {
	t.Helper()
	letters, err := p.stack.DLQ.Receive(t.Context(), 10, 0)
	if err != nil || len(letters) != 1 {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
	f, err := queue.ParseFailure(letters[0])
	if err != nil || f.Err != why || f.Source != "github.webhooks" || p.found(string(f.Body)) != nil {
		t.Errorf("a letter: %s of %s: %s %v", f.Reason, f.Source, f.Err, err)
	}
	if errs := p.stack.DLQ.DeleteBatch(t.Context(), []string{letters[0].Receipt}); errs != nil {
		t.Errorf("deleting it: %v", errs)
	}
}
