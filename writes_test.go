package polo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A package that changes something in a cloud names the operation: it calls a method of that name, and makes the operation's input. So
// the names in packages that import a service of the SDK say whether they do, if nothing calls methods by reflection or signs
// requests of its own.

// writeExceptions are the operations that packages other than those of actions may call though they change something.
func writeExceptions() map[string][]string {
	queue := []string{"SendMessageBatch", "ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"}
	return map[string][]string{
		"polo/alerts/channel": {"Publish", "SendEmail"}, // messages to people
		// The queue's own messages.
		"polo/internal/queue/sqs": queue,
	}
}

// embedded are the packages that stand in for AWS on this machine, and tests.
func embedded() []string {
	return []string{"polo/actions", "polo/local", "polo/integration", "polo/bench"}
}

// sourcePackage is what "go list -json" says of a package and its files.
type sourcePackage struct {
	ImportPath, Dir string
	GoFiles         []string
	Imports         []string
}

// isRead reports whether an operation changes nothing, by its name.
func isRead(operation string) bool {
	return slices.ContainsFunc([]string{"Describe", "Get", "List", "BatchGet", "BatchDescribe", "Lookup", "Head", "Search", "Scan", "Query"}, func(prefix string) bool {
		return strings.HasPrefix(operation, prefix)
	})
}

// unsafeNames are what would make the check of names unsound, by the import that they come with; "" is any package.
func unsafeNames() map[string][]string {
	return map[string][]string{
		"":                        {"MethodByName"},
		"gocloud.dev/blob":        {"NewWriter", "WriteAll", "Upload", "SignedURL"},
		awsSDK + "/aws/signer/v4": {"NewSigner", "SignHTTP", "PresignHTTP"},
	}
}

// named returns the names that a file selects of something, which may be operations: x.Name, and the inputs x.NameInput.
func named(file *ast.File) []string {
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			names = append(names, s.Sel.Name)
		}
		return true
	})
	return names
}

// writesOf returns which names in a package's files change something in a cloud. operations are those of each imported service.
func writesOf(pkg string, imports []string, names []string, operations map[string][]string) []string {
	var out []string
	allowed := writeExceptions()[pkg]
	for _, name := range names {
		operation := strings.TrimSuffix(name, "Input")
		for _, i := range append(slices.Clone(imports), "") {
			isWrite := slices.Contains(operations[i], operation) && !isRead(operation) && !slices.Contains(allowed, operation)
			if isWrite || slices.Contains(unsafeNames()[i], name) {
				out = append(out, fmt.Sprintf("%s names %s of %s", pkg, name, i))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestOnlyActionsWriteToAWS: no package but those of actions calls an operation that changes something in a cloud.
func TestOnlyActionsWriteToAWS(t *testing.T) {
	t.Parallel()
	packages := goList[sourcePackage](t, "-e", "-json=ImportPath,Dir,GoFiles,Imports", "./...")
	operations := operationsOf(t, packages)
	read, seen := 0, map[string]bool{}
	for _, p := range packages {
		if under(embedded(), p.ImportPath) {
			continue
		}
		var names []string
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, named(file)...)
		}
		for _, i := range p.Imports {
			if len(operations[i]) > 0 {
				read++
			}
		}
		for _, operation := range writeExceptions()[p.ImportPath] {
			seen[p.ImportPath+operation] = slices.Contains(names, operation)
		}
		for _, w := range writesOf(p.ImportPath, p.Imports, names, operations) {
			t.Errorf("%s: only actions may change something in a cloud", w)
		}
	}
	if read < 20 {
		t.Errorf("only %d imports of services were read", read)
	}
	for pkg, all := range writeExceptions() {
		for _, operation := range all {
			if !seen[pkg+operation] {
				t.Errorf("%s does not call %s: remove the exception", pkg, operation)
			}
		}
	}
	// The check knows what actions do.
	if !slices.Contains(operations[awsSDK+"/service/ec2"], "StopInstances") || !slices.Contains(operations[awsSDK+"/service/s3"], "PutPublicAccessBlock") {
		t.Error("the operations of EC2 and S3 are not known")
	}
}

// operationsOf returns the operations of each service that a package imports, by the import: the SDK has a file for each.
func operationsOf(t *testing.T, packages []sourcePackage) map[string][]string {
	t.Helper()
	var services []string
	for _, p := range packages {
		for _, i := range p.Imports {
			if rest, ok := strings.CutPrefix(i, awsSDK+"/service/"); ok && !strings.Contains(rest, "/") && !slices.Contains(services, i) {
				services = append(services, i)
			}
		}
	}
	operations := map[string][]string{}
	for _, s := range goList[sourcePackage](t, append([]string{"-json=ImportPath,GoFiles"}, services...)...) {
		for _, name := range s.GoFiles {
			if operation, ok := strings.CutPrefix(name, "api_op_"); ok {
				operations[s.ImportPath] = append(operations[s.ImportPath], strings.TrimSuffix(operation, ".go"))
			}
		}
	}
	return operations
}

// goList runs go list.
func goList[T any](t *testing.T, args ...string) []T {
	t.Helper()
	touchSources(t)
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("listing packages: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []T
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p T
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// The check finds calls however they are written.
func TestWritesAreDetected(t *testing.T) {
	t.Parallel()
	ec2 := awsSDK + "/service/ec2"
	operations := map[string][]string{ec2: {"StopInstances", "DescribeInstances"}, awsSDK + "/service/sqs": {"SendMessageBatch", "PurgeQueue"}}
	for _, tc := range []struct {
		name, pkg, code string
		imports         []string
		want            int
	}{
		{"a call", "polo/producers/x", "func f() { client.StopInstances(ctx, in) }", []string{ec2}, 1},
		{"a method as a value", "polo/producers/x", "var f = (*ec2.Client).StopInstances", []string{ec2}, 1},
		{"an input", "polo/producers/x", "var in = &ec2.StopInstancesInput{}", []string{ec2}, 1},
		{"a look", "polo/producers/x", "func f() { client.DescribeInstances(ctx, &ec2.DescribeInstancesInput{}) }", []string{ec2}, 0},
		{"the same name of something else", "polo/producers/x", "func f() { fleet.StopInstances() }", nil, 0},
		{"reflection", "polo/producers/x", `func f() { v.MethodByName("Stop" + "Instances") }`, nil, 1},
		{"a file in a bucket", "polo/producers/x", `func f() { b.WriteAll(ctx, "k", nil, nil) }`, []string{"gocloud.dev/blob"}, 1},
		{"the queue's messages", "polo/internal/queue/sqs", "func f() { c.SendMessageBatch(ctx, in) }", []string{awsSDK + "/service/sqs"}, 0},
		{"the queue's messages by another", "polo/producers/x", "func f() { c.SendMessageBatch(ctx, in) }", []string{awsSDK + "/service/sqs"}, 1},
		{"the queue itself", "polo/internal/queue/sqs", "func f() { c.PurgeQueue(ctx, in) }", []string{awsSDK + "/service/sqs"}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+tc.code, 0)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, len(writesOf(tc.pkg, tc.imports, named(file), operations))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
