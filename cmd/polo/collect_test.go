package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polo/internal/cli"
	"polo/producers"
)

// cloudTrail answers LookupEvents of eu-west-1 with two calls, and refuses other regions.
func cloudTrail(t *testing.T) string {
	t.Helper()
	entry := func(id string) string {
		text, err := json.Marshal(strings.ReplaceAll(record, "%ID%", id))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf(`{"EventId":%q,"CloudTrailEvent":%s}`, id, text)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/cloudtrail/") {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprint(w, `{"__type":"AccessDeniedException","Message":"no"}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"Events":[%s,%s]}`, entry("one"), entry("two"))
	}))
	t.Cleanup(web.Close)
	return web.URL
}

// credentials sets an environment in which a collector can read an account.
func credentials(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-west-1", "AWS_CONFIG_FILE": "/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "POLO_ENV": "", "POLO_READ_ROLE": "", "POLO_ACCOUNTS": "", "POLO_ORGANIZATION": "", "POLO_REGIONS": "",
	} {
		t.Setenv(name, value)
	}
}

// A fault that stops a collector from reading anything is reported before a stack starts, with its
// remedy.
func TestCollectReportsWhatIsMissing(t *testing.T) {
	const account = "111122223333"
	for name, c := range map[string]struct {
		args []string
		env  map[string]string
		code int
		says []string
	}{
		"no account":            {nil, nil, cli.ExitUsage, []string{"no account to read", "--account ID", "POLO_ACCOUNTS"}},
		"no region":             {[]string{"--account", account}, map[string]string{"AWS_REGION": ""}, cli.ExitUsage, []string{"no region to read", "--region"}},
		"a dead endpoint":       {[]string{"--account", account, "--endpoint", "http://127.0.0.1:1"}, nil, cli.ExitFailed, []string{"nothing answers at http://127.0.0.1:1", "connection refused", "leave it out"}},
		"no endpoint":           {[]string{"--account", account, "--endpoint", "localhost:4566"}, nil, cli.ExitUsage, []string{`"localhost:4566"`, "a URL such as"}},
		"another dead one":      {[]string{"--account", account}, map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, cli.ExitFailed, []string{"nothing answers", "AWS_ENDPOINT_URL"}},
		"no credentials":        {[]string{"--account", account}, map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}, cli.ExitFailed, []string{"no AWS credentials", "aws configure", "AWS_ACCESS_KEY_ID"}},
		"an account of letters": {[]string{"--account", "mine"}, nil, cli.ExitUsage, []string{"12 digits"}},
	} {
		t.Run(name, func(t *testing.T) {
			credentials(t)
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			data := filepath.Join(t.TempDir(), "data")
			_, _, err := polo(t, append([]string{"collect", "aws.cloudtrail", "--data", data}, c.args...)...)
			if cli.Code(err) != c.code {
				t.Fatalf("exit code %d: %v", cli.Code(err), err)
			}
			for _, want := range c.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
			if _, err := os.Stat(data); err == nil {
				t.Error("a stack was started")
			}
		})
	}
}

// TestCollect covers the whole path: a cloud's API, the local stack, the tables, and all again.
func TestCollect(t *testing.T) {
	credentials(t)
	endpoint, data := cloudTrail(t), t.TempDir()
	args := []string{
		"collect", "aws.cloudtrail", "--account", "111122223333:main:production", "--from", "2026-01-15T06:00:00Z", "--to", "2026-01-15T09:00:00Z",
		"--scheduled", "2026-01-15T09:00:00Z", "--endpoint", endpoint, "--data", data,
	}
	out, _, err := polo(t, append(args, "--region", "eu-west-1", "--json")...)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var s producers.Summary
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if s.Scopes != 1 || s.Read != 1 || s.Counts.Requests != 1 || s.Counts.Pages != 1 || s.Completions != 1 || s.Events != 6 {
		t.Errorf("summary %+v: want 4 events of 2 calls, 1 completion, 1 of the run", s)
	}
	// Some regions are refused, and the other is read again: nothing counts twice.
	out, logged, err := polo(t, append(args, "--region", "eu-west-1,us-east-1,us-east-2,us-west-1,us-west-2")...)
	var code cli.Error
	if !errors.As(err, &code) || code.Code != cli.ExitIncomplete {
		t.Errorf("with a gap: error %v, want exit code %d", err, cli.ExitIncomplete)
	}
	for _, want := range []string{"111122223333", "4 regions", "denied", "AccessDeniedException"} {
		if !strings.Contains(out, want) {
			t.Errorf("the summary does not name %s:\n%s", want, out)
		}
	}
	// The error's text repeats the code.
	if n := strings.Count(out+logged, "AccessDeniedException"); n > 2 {
		t.Errorf("the same gap is printed several times:\n%s%s", out, logged)
	}
	for query, want := range map[string]string{
		"SELECT count() FROM resource_events WHERE event_type = 'activity.api_call' AND account_role = 'production'":                                                             "2\n",
		"SELECT concat(region, ' ', state, ' ', error_code) FROM scans s JOIN resource_events e USING (event_id) WHERE s.event_type = 'scan.incomplete' ORDER BY region LIMIT 1": "us-east-1 denied AccessDeniedException\n",
	} {
		out, _, err := polo(t, "sql", "--data", data, "--format", "tsv", query)
		if err != nil || out != want {
			t.Errorf("%s: %q, %v, want %q", query, out, err, want)
		}
	}
}

func TestCollectUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"no source", []string{"collect"}, "aws.cloudtrail"},
		{"unknown source", []string{"collect", "aws.clouds"}, "--list"},
		{"half a window", []string{"collect", "aws.cloudtrail", "--from", "2026-01-15"}, "--to"},
		{"not a time", []string{"collect", "aws.cloudtrail", "--scheduled", "yesterday"}, "--scheduled"},
		{"half the queues", []string{"collect", "aws.cloudtrail", "--queue", "q"}, "--dlq"},
		{"not an account", []string{"collect", "aws.cloudtrail", "--account", "1234"}, "12 digits"},
		{"no data", []string{"collect", "aws.cloudtrail", "--data", ""}, "--data"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			misused(t, c.says, c.args...)
		})
	}
}

func TestCollectListsSources(t *testing.T) {
	t.Parallel()
	out, _, err := polo(t, "collect", "--list")
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"aws.cloudtrail", "aws.ec2", "aws.organizations"} {
		if !strings.Contains(out, source) {
			t.Errorf("%s is not listed:\n%s", source, out)
		}
	}
}
