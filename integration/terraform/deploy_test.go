package terraform_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// deploy runs "make deploy" with nothing but programs of these names and an environment, and returns
// what it says, and which of those programs it ran.
func deploy(t *testing.T, dir string, programs []string, env ...string) (says, ran string, code int) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	path, log := t.TempDir(), filepath.Join(t.TempDir(), "ran")
	for _, name := range programs {
		text := "#!" + bash + "\necho " + name + " \"$@\" >>" + log + "\n[ " + name + " != terraform ] || echo Terraform v${TERRAFORM:-1.9.0}\n"
		if err := os.WriteFile(filepath.Join(path, name), []byte(text), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	script, err := filepath.Abs(filepath.Join(root, "tools", "deploy.sh"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), bash, script, dir)
	cmd.Env = append([]string{"PATH=" + path, "HOME=" + t.TempDir()}, env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	text, err := os.ReadFile(log)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return out.String(), string(text), cmd.ProcessState.ExitCode()
}

// A deployment says everything that is missing at once, and does nothing then.
func TestDeployChecksFirst(t *testing.T) {
	t.Parallel()
	example, err := filepath.Abs(filepath.Join(module, "examples", "minimal"))
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"go", "make", "terraform", "aws", "npm"}
	whole := []string{"POLO_CLICKHOUSE_ADDR=none", "AWS_PROFILE=p"}
	for name, c := range map[string]struct {
		dir      string
		programs []string
		env      []string
		says     []string
	}{
		"nothing is there":               {"", nil, nil, []string{"DEPLOY=DIR", "program go", "program make", "program terraform", "AWS credentials", "POLO_CLICKHOUSE_ADDR"}},
		"a folder that is not there":     {"/nowhere", all, whole, []string{"the folder /nowhere"}},
		"a folder without configuration": {t.TempDir(), all, whole, []string{"a Terraform configuration in"}},
		"an old terraform":               {example, all, append(whole, "TERRAFORM=1.5.7"), []string{"terraform 1.9 or later", "v1.5"}},
		"a ClickHouse without more":      {example, all, []string{"POLO_CLICKHOUSE_ADDR=h:9440", "POLO_CLICKHOUSE_TARGET=mars"}, []string{"POLO_CLICKHOUSE_PASSWORD", "cloud, single or cluster"}},
	} {
		says, ran, code := deploy(t, c.dir, c.programs, c.env...)
		if code != 2 || strings.Contains(ran, "make") || strings.Contains(ran, "apply") {
			t.Errorf("%s: exit code %d, ran %q", name, code, ran)
		}
		for _, want := range c.says {
			if !strings.Contains(says, want) {
				t.Errorf("%s: it does not name %q:\n%s", name, want, says)
			}
		}
	}
	says, ran, code := deploy(t, example, []string{"go", "make", "terraform"}, whole...)
	if code != 0 || !strings.Contains(ran, "make lambda") || !strings.Contains(ran, "apply") {
		t.Errorf("with all there: exit code %d, ran %q\n%s", code, ran, says)
	}
}
