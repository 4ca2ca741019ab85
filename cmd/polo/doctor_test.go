package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polo/internal/cli"
	"polo/local/stack"
)

// doctor runs polo doctor --json, and returns its checks by name.
func doctor(t *testing.T, data string) (checks map[string]check, code int) {
	t.Helper()
	out, _, err := polo(t, "doctor", "--data", data, "--json")
	var d diagnosis
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if d.OK != (err == nil) {
		t.Errorf("ok is %v, the error %v", d.OK, err)
	}
	checks = map[string]check{}
	for _, c := range d.Checks {
		if c.State != stateOK && c.Remedy == "" {
			t.Errorf("%s has no remedy: %+v", c.Name, c)
		}
		checks[c.Name] = c
	}
	return checks, cli.Code(err)
}

func TestDoctor(t *testing.T) {
	credentials(t)
	data := filepath.Join(t.TempDir(), "data")
	checks, code := doctor(t, data)
	if code != 0 || checks["AWS credentials"].State != stateOK || !strings.Contains(checks["data directory"].Found, "is made by the first command") {
		t.Errorf("all is there: exit code %d, %+v", code, checks)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("it made the data directory")
	}
	for name, c := range map[string]struct {
		env         map[string]string
		check, says string
	}{
		"the library":  {map[string]string{"POLO_LIBCHDB": "/nowhere"}, "ClickHouse library", "/nowhere"},
		"half a key":   {map[string]string{"AWS_SECRET_ACCESS_KEY": ""}, "AWS credentials", "one of the two"},
		"a profile":    {map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "nobody"}, "AWS credentials", "nobody"},
		"an endpoint":  {map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "AWS_ENDPOINT_URL", "connection refused"},
		"no URL":       {map[string]string{"POLO_QUEUE_ENDPOINT": "here"}, "POLO_QUEUE_ENDPOINT", "no URL"},
		"a ClickHouse": {map[string]string{"POLO_CLICKHOUSE_ADDR": "127.0.0.1:1"}, "POLO_CLICKHOUSE_ADDR", "connection refused"},
		"no address":   {map[string]string{"POLO_CLICKHOUSE_ADDR": "ch"}, "POLO_CLICKHOUSE_ADDR", "host:port"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range c.env {
				t.Setenv(variable, value)
			}
			checks, code := doctor(t, data)
			if got := checks[c.check]; code != cli.ExitFailed || got.State != stateMissing || !strings.Contains(got.Found, c.says) {
				t.Errorf("exit code %d, %+v", code, got)
			}
		})
	}
	t.Run("a file in the directory's place", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if checks, code := doctor(t, filepath.Join(file, "data")); code != cli.ExitFailed || checks["data directory"].State != stateMissing {
			t.Errorf("exit code %d, %+v", code, checks["data directory"])
		}
	})
}

// Programs that build Polo are optional, except the one that fetches a missing library.
func TestDoctorOfTools(t *testing.T) {
	credentials(t)
	t.Setenv("PATH", t.TempDir())
	checks, code := doctor(t, t.TempDir())
	for _, name := range []string{"go", "node", "make"} {
		if checks[name].State != stateNote || code != 0 {
			t.Errorf("exit code %d: %+v", code, checks[name])
		}
	}
	t.Setenv("POLO_LIBCHDB", "/nowhere")
	if checks, _ := doctor(t, t.TempDir()); checks["node"].State != stateMissing || checks["go"].State != stateNote {
		t.Errorf("without the library: %+v", checks)
	}
}

// A running stack is reported with its owner; a port in use is a note.
func TestDoctorBesideAStack(t *testing.T) {
	credentials(t)
	data := t.TempDir()
	s, err := stack.Open(t.Context(), stack.Options{Dir: data, Command: "polo ingest"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if l, err := net.Listen("tcp", "127.0.0.1:9324"); err == nil {
		defer func() { _ = l.Close() }()
	}
	checks, code := doctor(t, data)
	if code != 0 || !strings.Contains(checks["stack"].Found, "polo ingest") || checks["SQS of the stack"].State != stateOK || checks["ClickHouse HTTP of the stack"].State != stateOK {
		t.Errorf("exit code %d: %+v", code, checks)
	}
	if c := checks["port of SQS"]; c.State != stateNote || !strings.Contains(c.Remedy, "--sqs-port 0") {
		t.Errorf("the port of SQS: %+v", c)
	}
	out, _, err := polo(t, "doctor", "--data", data)
	if err != nil || !strings.Contains(out, "remedy: polo up --sqs-port 0") {
		t.Errorf("for a person: %v\n%s", err, out)
	}
}

// The dashboard is optional: only polo up shows it.
func TestDoctorOfTheDashboard(t *testing.T) {
	credentials(t)
	dir := t.TempDir()
	t.Setenv("POLO_WORKER", dir)
	checks, code := doctor(t, t.TempDir())
	if got := checks["dashboard"]; code != 0 || got.State != stateNote || !strings.Contains(got.Found, dir) || !strings.Contains(got.Remedy, "make worker") {
		t.Errorf("not built: exit code %d, %+v", code, got)
	}
	if err := os.Mkdir(filepath.Join(dir, "assets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"worker.js", "workerd", "assets/index.html"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if checks, code := doctor(t, t.TempDir()); code != 0 || checks["dashboard"].State != stateOK {
		t.Errorf("built: exit code %d, %+v", code, checks["dashboard"])
	}
}
