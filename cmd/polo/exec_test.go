package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polo/internal/cli"
	"polo/local/chdb"
	"polo/producers/tree/treetest"
)

func TestMain(m *testing.M) {
	chdb.RunChild()
	os.Exit(m.Run())
}

// polo runs one command line.
func polo(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = exec(t.Context(), args, strings.NewReader(""), &out, &errs)
	return out.String(), errs.String(), err
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"unknown command", []string{"ingets"}, "ingets"},
		{"no input", []string{"ingest"}, "--input"},
		{"unknown source", []string{"ingest", "--input", "x", "--source", "dropbox"}, "auto"},
		{"no query", []string{"sql"}, "query"},
		{"unknown format", []string{"sql", "--format", "xml", "SELECT 1"}, "tsv"},
		{"unknown target", []string{"schema", "render", "--target", "mars"}, "cluster"},
		{"a folder to explain", []string{"explain", "."}, "is a folder: give one file"},
		{"bad day", []string{"sample", "--now", "yesterday", "x"}, "YYYY-MM-DD"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			misused(t, c.says, c.args...)
		})
	}
}

// misused runs a command that is to fail with an error of usage that mentions says.
func misused(t *testing.T, says string, args ...string) {
	t.Helper()
	_, _, err := polo(t, args...)
	var code cli.Error
	if !errors.As(err, &code) || code.Code != cli.ExitUsage {
		t.Fatalf("error %v, want one of usage", err)
	}
	if !strings.Contains(err.Error(), says) {
		t.Errorf("error %q does not mention %q", err, says)
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"--help"}} {
		out, _, err := polo(t, args...)
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range []string{"ingest", "up", "sql", "schema", "sample"} {
			if !strings.Contains(out, command) {
				t.Errorf("help of %v lacks %s", args, command)
			}
		}
	}
}

// A deployment's server reads its dictionaries with the named account.
func TestDictionariesAreReadByTheNamedAccount(t *testing.T) {
	t.Parallel()
	out, _, err := polo(t, "schema", "render", "--target", "cloud", "--dictionary-user", "polo_reader", "--dictionary-password", `p'w`)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out, `SOURCE(CLICKHOUSE(USER 'polo_reader' PASSWORD 'p\'w' QUERY`); n != 2 {
		t.Errorf("%d of 2 dictionaries name it", n)
	}
}

// record is a minimal CloudTrail record.
const record = `{"eventVersion":"1.08","eventID":"%ID%","eventTime":"2026-01-15T08:00:00Z","eventSource":"s3.amazonaws.com",` +
	`"eventName":"CreateBucket","awsRegion":"us-east-1","eventType":"AwsApiCall","recipientAccountId":"111122223333",` +
	`"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ada","accountId":"111122223333"},` +
	`"requestParameters":{"bucketName":"%ID%"},"responseElements":null}`

// TestIngestAndQuery covers the whole path, with a broken file among good ones.
func TestIngestAndQuery(t *testing.T) {
	t.Parallel()
	data, input := t.TempDir(), treetest.Folder(t, map[string]string{
		"good.json":   `{"Records":[` + strings.ReplaceAll(record, "%ID%", "one") + "," + strings.ReplaceAll(record, "%ID%", "two") + `]}`,
		"broken.json": strings.ReplaceAll(record, "%ID%", "three") + "\n{\"eventID\": 7}\n",
	})
	out, _, err := polo(t, "ingest", "--input", input, "--data", data, "--json")
	if err != nil {
		t.Fatal(err)
	}
	var s ingestSummary
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if s.Read != 4 || s.Failed != 1 || s.DLQ != 1 || s.Published != 6 || s.Inserted != 6 || s.Duplicates != 0 {
		t.Errorf("summary %+v: want 4 read, 1 failed and in the DLQ, 6 events new", s)
	}
	for _, c := range []struct{ format, want string }{
		{"tsv", "activity.api_call\t3\nresource.created\t3\n"},
		{"json", "[{\"event_type\":\"activity.api_call\",\"n\":3},\n {\"event_type\":\"resource.created\",\"n\":3}]\n"},
	} {
		out, _, err := polo(t, "sql", "--data", data, "--format", c.format, "SELECT event_type, toInt32(count()) AS n FROM resource_events GROUP BY 1 ORDER BY 1")
		if err != nil {
			t.Fatal(err)
		}
		if out != c.want {
			t.Errorf("%s: %q, want %q", c.format, out, c.want)
		}
	}
	if out, _, err := polo(t, "sql", "--data", data, "--format", "json", "SELECT 1 WHERE 0"); err != nil || out != "[]\n" {
		t.Errorf("no rows as json: %q, %v", out, err)
	}
	if _, _, err := polo(t, "sql", "--data", data, "SELECT FROM WHERE"); err == nil || !strings.Contains(err.Error(), "SYNTAX_ERROR") {
		t.Errorf("a query that does not parse: error %v", err)
	}
	if _, _, err := polo(t, "sql", "--data", data, "DROP TABLE resource_events"); err == nil {
		t.Error("the reader dropped a table")
	}
}

func TestIngestOfNothingSaysWhatToDo(t *testing.T) {
	t.Parallel()
	_, _, err := polo(t, "ingest", "--input", filepath.Join(t.TempDir(), "none"), "--data", t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("error %v does not name the path", err)
	}
}

// A wrong mapping of tags is wrong usage, found before anything starts.
func TestWrongIdentity(t *testing.T) {
	t.Setenv("POLO_IDENTITY", `{"owner":["team"]}`)
	data := filepath.Join(t.TempDir(), "data")
	_, _, err := polo(t, "ingest", t.TempDir(), "--data", data)
	if cli.Code(err) != cli.ExitUsage || !strings.Contains(err.Error(), `POLO_IDENTITY: unknown field "owner"`) {
		t.Errorf("exit code %d: %v", cli.Code(err), err)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("a stack was started")
	}
}
