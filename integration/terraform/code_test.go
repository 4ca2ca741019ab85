package terraform_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// An operation is an AWS API operation, "ec2.DescribeInstances": the SDK's package, and
// the operation's name in the API.
type operation string

const (
	servicePrefix = "github.com/aws/aws-sdk-go-v2/service/"
	assumeRole    = "github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	blobs         = "gocloud.dev/blob"
)

// goPackage is the part of "go list -json" that the tests use.
type goPackage struct {
	ImportPath, Dir string
	GoFiles, Deps   []string
}

// code is the project's code that is built into the functions.
type code struct {
	packages map[string]goPackage
	// services maps a file api_op_X.go to the SDK package with operation X.
	services map[string]string
}

// readCode lists the packages of functions, such as polo/consumer/lambda, and all that
// they import.
func readCode(t *testing.T, functions ...string) code {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-deps", "-json=ImportPath,Dir,GoFiles,Deps"}, functions...)...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("listing packages: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	c := code{packages: map[string]goPackage{}, services: map[string]string{}}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p goPackage
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasPrefix(p.ImportPath, "polo/"):
			c.packages[p.ImportPath] = p
		case strings.HasPrefix(p.ImportPath, servicePrefix):
			c.services[p.ImportPath] = p.Dir
		}
	}
	return c
}

// within returns the project's packages that a function is built from.
func (c code) within(function string) []string {
	var out []string
	for _, name := range append(slices.Clone(c.packages[function].Deps), function) {
		if _, ours := c.packages[name]; ours {
			out = append(out, name)
		}
	}
	return out
}

// calls returns the operations in a package's files: as a client's method, as the SDK's
// paginator, or through one of the two libraries that make calls for us.
func (c code) calls(t *testing.T, pkg string) []operation {
	t.Helper()
	p, ok := c.packages[pkg]
	if !ok {
		t.Fatalf("%s is not among the packages", pkg)
	}
	var out []operation
	for _, file := range p.GoFiles {
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c.callsOf(parsed)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (c code) callsOf(file *ast.File) []operation {
	var out []operation
	imported := map[string]string{} // the SDK's packages by their name in the file
	hasBlobs := false
	for _, i := range file.Imports {
		of := strings.Trim(i.Path.Value, `"`)
		switch {
		case of == assumeRole:
			out = append(out, "sts.AssumeRole")
		case of == blobs:
			hasBlobs = true
		case strings.HasPrefix(of, servicePrefix) && c.services[of] != "":
			name := path.Base(of)
			if i.Name != nil {
				name = i.Name.Name
			}
			imported[name] = of
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		name := s.Sel.Name
		if hasBlobs {
			if op := map[string]operation{"List": "s3.ListObjectsV2", "NewReader": "s3.GetObject", "NewRangeReader": "s3.GetObject", "Attributes": "s3.HeadObject"}[name]; op != "" {
				out = append(out, op)
			}
		}
		if of, ok := s.X.(*ast.Ident); ok && imported[of.Name] != "" {
			// ec2.NewDescribeVpcsPaginator; nothing else in a package makes calls.
			if op, ok := strings.CutSuffix(strings.TrimPrefix(name, "New"), "Paginator"); ok {
				out = append(out, c.operation(imported[of.Name], op)...)
			}
			return true
		}
		if of := clientOf(s.X); of != "" { // (*ec2.Client).DescribeAddresses
			out = append(out, c.operation(imported[of], name)...)
			return true
		}
		for _, of := range imported { // client.LookupEvents
			out = append(out, c.operation(of, name)...)
		}
		return true
	})
	return out
}

// clientOf returns the package of a method expression's receiver, (*pkg.Client).
func clientOf(x ast.Expr) string {
	paren, ok := x.(*ast.ParenExpr)
	if !ok {
		return ""
	}
	star, ok := paren.X.(*ast.StarExpr)
	if !ok {
		return ""
	}
	client, ok := star.X.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	pkg, ok := client.X.(*ast.Ident)
	if !ok || client.Sel.Name != "Client" {
		return ""
	}
	return pkg.Name
}

// operation returns the service's operation of that name, if it has one.
func (c code) operation(service, name string) []operation {
	if _, err := os.Stat(filepath.Join(c.services[service], "api_op_"+name+".go")); err != nil {
		return nil
	}
	return []operation{operation(path.Base(service) + "." + name)}
}
