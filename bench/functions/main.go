// Command functions measures each Lambda function: its size, its start time and its memory
// before the first event. It uses the zips that make lambda builds, and starts those for this
// machine's CPU repeatedly with the local Lambda runtime.
package main

import (
	"archive/zip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"polo/bench/doc"
	"polo/local/chdb"
	"polo/local/lambda"
	"polo/local/stack"
	"polo/producers/registry"
)

func main() {
	chdb.RunChild()
	zips := flag.String("zips", "build/lambda", "the folder of the zips")
	starts := flag.Int("starts", 10, "how often to start each function")
	document := flag.String("doc", "", "a document whose table to rewrite")
	flag.Parse()
	table, err := measure(context.Background(), *zips, *starts)
	switch {
	case err != nil:
	case *document == "":
		fmt.Print(table)
	default:
		err = doc.Replace(*document, "functions", table)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "functions:", err)
		os.Exit(1)
	}
}

// The functions that are no collectors.
const (
	consumer = "consumer"
	webhooks = "github-webhooks"
)

// architectures maps Go's names to AWS's.
var architectures = map[string]string{"arm64": "arm64", "amd64": "x86_64"}

func measure(ctx context.Context, zips string, starts int) (_ string, err error) {
	here := architectures[runtime.GOARCH]
	all, err := filepath.Glob(filepath.Join(zips, "*-"+here+".zip"))
	if err != nil || len(all) == 0 {
		return "", fmt.Errorf("no function's zip for %s is in %s: make lambda builds them: %w", runtime.GOARCH, zips, err)
	}
	dir, err := os.MkdirTemp("", "polo-functions-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := stack.Start(ctx, stack.Options{Dir: filepath.Join(dir, "data"), Command: "bench/functions", Drains: true})
	if err != nil {
		return "", err
	}
	functions := s.Functions(dir, slog.New(slog.DiscardHandler))
	defer func() { err = errors.Join(err, functions.Close(), s.Stop()) }()
	var b strings.Builder
	fmt.Fprintf(&b, "The median of %d starts (and the range), on %s.\n\n", starts, here)
	fmt.Fprint(&b, "| function | zip arm64, MB | zip x86-64, MB | program arm64, MB | program x86-64, MB | init, ms | memory at rest, MB |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, path := range all {
		name := strings.TrimSuffix(filepath.Base(path), "-"+here+".zip")
		fmt.Fprintf(&b, "| %s |", name)
		sizes, err := sizesOf(zips, name)
		if err != nil {
			return "", err
		}
		for _, n := range sizes {
			fmt.Fprintf(&b, " %.1f |", float64(n)/1e6)
		}
		if err := unpack(path, filepath.Join(dir, name)); err != nil {
			return "", fmt.Errorf("unpacking %s: %w", path, err)
		}
		var took, held []float64
		for range starts {
			stats, err := start(ctx, functions, s.Endpoints.ClickHouseTCP, name)
			if err != nil {
				return "", fmt.Errorf("starting %s: %w", name, err)
			}
			took = append(took, float64(stats.InitTime)/float64(time.Millisecond))
			held = append(held, float64(stats.AtRest)/1e6)
		}
		fmt.Fprintf(&b, " %s | %s |\n", spread(took), spread(held))
	}
	return b.String(), nil
}

// sizesOf returns the sizes of a function's zips and programs, each for arm64 and x86-64, in
// bytes.
func sizesOf(zips, name string) ([4]int64, error) {
	var out [4]int64
	for i, arch := range []string{"arm64", "x86_64"} {
		path := filepath.Join(zips, name+"-"+arch+".zip")
		info, err := os.Stat(path)
		if err != nil {
			return out, err
		}
		z, err := zip.OpenReader(path)
		if err != nil {
			return out, fmt.Errorf("opening %s: %w", path, err)
		}
		out[i], out[2+i] = info.Size(), int64(z.File[0].UncompressedSize64)
		if err := z.Close(); err != nil {
			return out, err
		}
	}
	return out, nil
}

func unpack(path, program string) (err error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	in, err := z.Open("bootstrap")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(program, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}

// start starts a function. The event it then gets is no valid request for a collector: only
// what happens before is measured.
func start(ctx context.Context, functions *stack.Functions, clickHouse, name string) (lambda.Stats, error) {
	var fn *lambda.Function
	event, err := `{"Records":[]}`, error(nil)
	switch name {
	case consumer:
		fn, err = functions.ConsumerFunction(clickHouse)
	case webhooks:
		vault := newVault()
		defer vault.Close()
		fn, err = functions.Collector(name, name, map[string]string{
			"POLO_ENV": "bench", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_ENDPOINT_URL_SECRETS_MANAGER": vault.URL,
			"POLO_GITHUB": `{"organisations":["acme"]}`, "POLO_GITHUB_SECRET": "arn:aws:secretsmanager:us-east-1:111122223333:secret:bench",
		})
	default:
		var source string
		if source, err = sourceOf(name); err == nil {
			event = `"no request"`
			fn, err = functions.Collector(name, source, map[string]string{
				"POLO_ENV": "bench", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
			})
		}
	}
	if err != nil {
		return lambda.Stats{}, err
	}
	_, err = fn.Invoke(ctx, lambda.Invocation{Payload: []byte(event)})
	if refused := new(lambda.Error); errors.As(err, &refused) && strings.Contains(refused.Message, "reading the request") {
		err = nil
	}
	stats := fn.Stats()
	if err = errors.Join(err, fn.Close()); err == nil && (stats.ColdStarts != 1 || stats.InitTime == 0 || stats.AtRest == 0) {
		err = fmt.Errorf("no measurements: %+v", stats)
	}
	return stats, err
}

// newVault starts a stand-in of AWS Secrets Manager, which knows what webhooks are signed with.
func newVault() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = w.Write([]byte(`{"SecretString":"{\"webhook_secret\":\"bench\"}"}`)) // a start that gets none fails
	}))
}

// sourceOf returns a source that a collector's program collects.
func sourceOf(program string) (string, error) {
	all, err := registry.All()
	if err != nil {
		return "", err
	}
	for _, s := range all {
		if s.Function == program {
			return s.Name, nil
		}
	}
	return "", fmt.Errorf("%s has no source", program)
}

// spread returns the median and, if values differ, the range.
func spread(v []float64) string {
	slices.Sort(v)
	return fmt.Sprintf("%.0f (%.0f to %.0f)", v[len(v)/2], v[0], v[len(v)-1])
}
