// Package polo_test tests rules of the whole project.
package polo_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An importRule says what the packages under some paths must not import. A path stands
// for its package and all below it; one that ends in "/" only for all below.
type importRule struct {
	name string
	// in are the packages that the rule binds, except those in notIn.
	in, notIn []string
	// banned are the refused imports, except those in but.
	banned, but []string
	// direct limits the rule to a package's own imports, without indirect ones.
	direct bool
	reason string
}

const (
	awsSDK     = "github.com/aws/aws-sdk-go-v2"
	awsLambda  = "github.com/aws/aws-lambda-go"
	clickHouse = "github.com/ClickHouse"
)

// sources are the folders of the sources below producers.
func sources() []string {
	return []string{"cloudtrail", "cloudwatch", "costexplorer", "cur", "inventory", "organizations"}
}

func importRules() []importRule {
	rules := []importRule{
		{
			name: "envelope imports nothing of the project", in: []string{"polo/envelope"},
			banned: []string{"polo/", "github.com/aws", clickHouse}, but: []string{"polo/envelope"},
			reason: "the event and the wire format are what everything else agrees on: they depend on none of it",
		},
		{
			name: "schema imports only the event", in: []string{"polo/schema"},
			banned: []string{"polo/", "github.com/aws"}, but: []string{"polo/envelope", "polo/schema"},
			reason: "tables are made from events, whoever collects, carries or inserts them",
		},
		{
			name: "producers never import the store", in: []string{"polo/producers"},
			banned: []string{"polo/consumer", "polo/schema", "polo/internal/clickhouse", clickHouse},
			reason: "collectors only normalise and publish; they meet the consumer through the envelope and the queue",
		},
		{
			name: "the consumer never imports a source", in: []string{"polo/consumer"},
			banned: []string{"polo/producers", awsSDK + "/service/"},
			// The rest is where its password is stored, and how the SDK finds
			// credentials.
			but: []string{
				awsSDK + "/service/sqs", awsSDK + "/service/secretsmanager", awsSDK + "/service/ssm", awsSDK + "/service/internal/", awsSDK + "/service/sts", awsSDK + "/service/sso",
				awsSDK + "/service/ssooidc", awsSDK + "/service/signin",
			},
			reason: "a new source changes nothing in the consumer",
		},
		{
			name: "the consumer imports contracts only", in: []string{"polo/consumer"}, notIn: []string{"polo/consumer/lambda"},
			banned: []string{"github.com/aws", "polo/internal/queue/sqs"},
			reason: "SQS is wired in main: the same consumer drains any queue",
		},
		{
			name: "the states of alerts know no technology", in: []string{"polo/alerts"}, notIn: []string{"polo/alerts/"},
			banned: []string{"github.com/aws", clickHouse, "polo/internal/clickhouse", "polo/internal/queue", "polo/producers", "net/http"}, direct: true,
			reason: "when something fires and who is told is the same on ClickHouse and in a test's hours of milliseconds; adapters are below: store, journal, channel",
		},
		{
			name: "the queue contract imports no part", in: []string{"polo/internal/queue"},
			notIn:  []string{"polo/internal/queue/"},
			banned: []string{"polo/", "github.com/aws", clickHouse}, but: []string{"polo/internal/queue", "polo/internal/redact"},
			reason: "an adapter depends on the contract, not the other way round",
		},
		{
			name: "redaction imports nothing of the project", in: []string{"polo/internal/redact"},
			banned: []string{"polo/", "github.com/aws", clickHouse}, but: []string{"polo/internal/redact"},
			reason: "everything that stores or shows untrusted text uses it",
		},
		{
			name: "adapters import no part they serve", in: []string{"polo/internal"},
			banned: []string{"polo/producers", "polo/consumer"},
			reason: "arrows go one way",
		},
		{
			name: "Lambda stays in its mains", in: []string{"polo/"},
			notIn:  []string{"*/lambda", "polo/internal/lambdaevent", "polo/internal/lambdamain", "polo/local", "polo/integration"},
			banned: []string{awsLambda}, direct: true,
			reason: "everything else runs and is tested without Lambda",
		},
		{
			name: "a collector's Lambda carries one source", in: []string{"polo/producers"},
			notIn:  []string{"polo/producers/registry"},
			banned: []string{"polo/producers/registry"},
			reason: "the registry imports every source with its SDK clients: functions are to be small and to start fast",
		},
		{
			name: "the replay tool names no source", in: []string{"polo/dlq-replay"},
			banned: []string{"polo/producers/"}, but: []string{"polo/producers/registry", "polo/producers/source"}, direct: true,
			reason: "a letter names its source, and the registry knows who makes events of its records",
		},
		{
			name: "nothing imports the embedded stack", in: []string{"polo/"},
			notIn:  []string{"polo/local", "polo/cmd", "polo/integration", "polo/bench"},
			banned: []string{"polo/local", "polo/integration", "polo/bench"},
			reason: "the embedded parts stand in for real ones and must not reach production",
		},
		{
			name: "only actions link their clients", in: []string{"polo/"}, notIn: []string{"polo/actions", "polo/local", "polo/integration"},
			banned: []string{"polo/actions"}, but: []string{"polo/actions/access"},
			reason: "nothing else may change something in a cloud; the command line speaks to the function",
		},
		{
			name: "actions know no source and no consumer", in: []string{"polo/actions"},
			banned: []string{"polo/producers/", "polo/consumer", "polo/local"},
			reason: "they write events through the queue, and read ClickHouse",
		},
		{
			name: "who calls is told by the standard library", in: []string{"polo/actions/access"}, notIn: []string{"polo/actions/access/"},
			banned: []string{"polo/", "github.com", "golang.org"}, but: []string{"polo/actions/access"},
			reason: "what checks tokens and signatures is small enough to be read",
		},
		{
			name: "the catalogue knows no source", in: []string{"polo/producers/awscatalog"},
			banned: []string{"polo/producers"}, but: []string{"polo/producers/awscatalog"},
			reason: "every source asks it what AWS calls things",
		},
	}
	for _, s := range sources() {
		others := make([]string, 0, len(sources()))
		for _, other := range sources() {
			if other != s {
				others = append(others, "polo/producers/"+other)
			}
		}
		rules = append(rules, importRule{
			name: "a source knows no other", in: []string{"polo/producers/" + s}, banned: others,
			reason: "what sources share is the frame's or the catalogue's: each is added and changed alone",
		})
	}
	return rules
}

// goPackage is the part of "go list -json" that the rules use.
type goPackage struct {
	ImportPath    string
	Imports, Deps []string
}

// breaches returns every import that breaks a rule, in order.
func breaches(rules []importRule, packages []goPackage) []string {
	var out []string
	for _, r := range rules {
		for _, p := range packages {
			if !under(r.in, p.ImportPath) || under(r.notIn, p.ImportPath) {
				continue
			}
			imports := p.Deps
			if r.direct {
				imports = p.Imports
			}
			for _, i := range imports {
				if under(r.banned, i) && !under(r.but, i) {
					out = append(out, fmt.Sprintf("%s: %s imports %s: %s", r.name, p.ImportPath, i, r.reason))
				}
			}
		}
	}
	return out
}

func under(paths []string, pkg string) bool {
	return slices.ContainsFunc(paths, func(path string) bool {
		if tail, found := strings.CutPrefix(path, "*"); found {
			return strings.HasSuffix(pkg, tail)
		}
		below := strings.TrimSuffix(path, "/") + "/"
		return pkg == path || strings.HasPrefix(pkg, below)
	})
}

func TestImports(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	for _, r := range importRules() {
		bound := slices.ContainsFunc(packages, func(p goPackage) bool {
			return under(r.in, p.ImportPath) && !under(r.notIn, p.ImportPath)
		})
		if !bound {
			t.Errorf("%s: the rule binds no package", r.name)
		}
	}
	for _, b := range breaches(importRules(), packages) {
		t.Error(b)
	}
}

// Every rule refuses what it is for.
func TestImportRulesDetectBreaches(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pkg, imported string
		rules         []string
	}{
		{"polo/envelope", "polo/schema", []string{"envelope imports nothing of the project"}},
		{"polo/envelope", awsSDK + "/aws/arn", []string{"envelope imports nothing of the project"}},
		{"polo/envelope", clickHouse + "/ch-go/proto", []string{"envelope imports nothing of the project"}},
		{"polo/envelope", "github.com/go-faster/jx", nil},
		{"polo/schema", "polo/internal/clickhouse", []string{"schema imports only the event"}},
		{"polo/schema", "polo/envelope", nil},
		{"polo/schema", clickHouse + "/ch-go/proto", nil},
		{"polo/producers/cloudtrail", "polo/consumer", []string{"producers never import the store"}},
		{"polo/producers/cloudtrail", clickHouse + "/clickhouse-go/v2", []string{"producers never import the store"}},
		{"polo/producers", "polo/local/sqsserver", []string{"nothing imports the embedded stack"}},
		{"polo/producers/cloudtrail", awsSDK + "/service/cloudtrail", nil},
		{"polo/producers/cloudtrail/lambda", "polo/producers/registry", []string{"a collector's Lambda carries one source"}},
		{"polo/producers/cloudtrail/lambda", awsLambda + "/lambda", nil},
		{"polo/cmd/polo", "polo/producers/registry", nil},
		{"polo/producers/inventory", "polo/producers/cloudtrail", []string{"a source knows no other"}},
		{"polo/producers/inventory", "polo/producers/inventory/document", nil},
		{"polo/producers/inventory", "polo/producers/awscatalog", nil},
		{"polo/producers/awscatalog", "polo/producers/cur", []string{"the catalogue knows no source"}},
		{"polo/consumer", "polo/producers", []string{"the consumer never imports a source"}},
		{"polo/consumer/lambda", awsSDK + "/service/ec2", []string{"the consumer never imports a source"}},
		{"polo/consumer/lambda", awsSDK + "/service/sqs/types", nil},
		{"polo/consumer/lambda", awsLambda + "/lambda", nil},
		{"polo/consumer", awsSDK + "/service/sqs", []string{"the consumer imports contracts only"}},
		{"polo/consumer", awsLambda + "/events", []string{"the consumer imports contracts only", "Lambda stays in its mains"}},
		{"polo/internal/queue", "polo/internal/queue/sqs", nil},
		{"polo/internal/queue", "polo/envelope", []string{"the queue contract imports no part"}},
		{"polo/internal/queue/sqs", awsSDK + "/service/sqs", nil},
		{"polo/internal/queue/sqs", "polo/producers", []string{"adapters import no part they serve"}},
		{"polo/internal/lambdaevent", awsLambda + "/events", nil},
		{"polo/internal/clickhouse", awsLambda + "/events", []string{"Lambda stays in its mains"}},
		{"polo/local/stack", "polo/consumer", nil},
		{"polo/integration", "polo/local/sqsserver", nil},
		{"polo/dlq-replay", "polo/producers/cloudtrail", []string{"the replay tool names no source"}},
		{"polo/dlq-replay", "polo/producers/registry", nil},
		{"polo/producers/inventory", "polo/actions/action", []string{"only actions link their clients"}},
		{"polo/cmd/polo", "polo/actions", []string{"only actions link their clients"}},
		{"polo/cmd/polo", "polo/actions/access", nil},
		{"polo/actions/lambda", "polo/actions/action", nil},
		{"polo/actions/clickhouse", "polo/producers", nil},
		{"polo/actions/clickhouse", "polo/producers/inventory", []string{"actions know no source and no consumer"}},
		{"polo/actions/access", "github.com/golang-jwt/jwt/v5", []string{"who calls is told by the standard library"}},
		{"polo/localised", "polo/local/sqsserver", []string{"nothing imports the embedded stack"}},
	} {
		t.Run(tc.pkg+" imports "+tc.imported, func(t *testing.T) {
			t.Parallel()
			imports := []string{"fmt", tc.imported}
			var got []string
			for _, b := range breaches(importRules(), []goPackage{{ImportPath: tc.pkg, Imports: imports, Deps: imports}}) {
				name, _, _ := strings.Cut(b, ": ")
				got = append(got, name)
			}
			if diff := cmp.Diff(tc.rules, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	// -e also lists packages that do not build; the compiler reports those.
	return goList[goPackage](t, "-e", "-json=ImportPath,Imports,Deps", "./...")
}

// touchSources stats every source file, so that go test does not use a cached result
// after one has changed.
func touchSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "build"):
			return filepath.SkipDir
		case !d.IsDir() && filepath.Ext(path) == ".go":
			_, err := os.Stat(path)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
