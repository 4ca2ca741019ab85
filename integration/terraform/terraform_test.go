package terraform_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	module    = "../../terraform"
	runbook   = "../../docs/RUNBOOK.md"
	deployDoc = "../../docs/DEPLOY.md"
	root      = "../.."
)

// need skips the test if a program is missing, or fails it if POLO_REQUIRE_TERRAFORM=1.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		without(t, program+" is not on the PATH")
	}
}

// heavy skips a test that takes minutes, unless POLO_TERRAFORM is set.
func heavy(t *testing.T) {
	t.Helper()
	if os.Getenv("POLO_TERRAFORM") == "" {
		t.Skip("POLO_TERRAFORM is not set: make terraform runs this test, which takes minutes")
	}
}

func without(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("POLO_REQUIRE_TERRAFORM") == "1" {
		t.Fatalf("%s, and POLO_REQUIRE_TERRAFORM=1", what)
	}
	t.Skip(what + ": the deployment is not tested")
}

// commandTime is more than a Terraform command takes on a busy machine.
const commandTime = 6 * time.Minute

// working is a copy of the module, so that Terraform leaves nothing in the checkout.
type working struct {
	dir string // of the configuration that is run
	env []string
}

// checkout copies the module; in is the folder of the configuration to run.
func checkout(t *testing.T, in string, env ...string) working {
	t.Helper()
	need(t, "terraform")
	dir := t.TempDir()
	copyModule(t, dir)
	return begin(t, filepath.Join(dir, in), env...)
}

// ownDeployment creates a configuration beside a checkout, as docs/DEPLOY.md says.
func ownDeployment(t *testing.T, env ...string) working {
	t.Helper()
	need(t, "terraform")
	dir := t.TempDir()
	polo := filepath.Join(dir, "polo")
	copyModule(t, filepath.Join(polo, "terraform"))
	blocks := slices.DeleteFunc(strings.Split(read(t, deployDoc), "```"), func(b string) bool { return !strings.Contains(b, "\n   cp -r terraform/") })
	if len(blocks) != 1 {
		t.Fatalf("%s has %d blocks that copy the example, not one", deployDoc, len(blocks))
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-euc", blocks[0])
	cmd.Dir = polo
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s\n%v\n%s", blocks[0], err, out)
	}
	return begin(t, filepath.Join(dir, "deployment"), env...)
}

func copyModule(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(module, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(module, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".terraform" {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(dir, name), 0o755)
		}
		if strings.HasPrefix(d.Name(), ".terraform") || strings.Contains(d.Name(), ".tfstate") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), data, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// begin initialises a configuration.
func begin(t *testing.T, dir string, env ...string) working {
	t.Helper()
	w := working{dir: dir, env: env}
	if out, err := w.try(t, "init", "-input=false"); err != nil {
		without(t, "terraform init does not find what it needs (TF_CLI_ARGS_init=-plugin-dir=... names providers on disk):\n"+out)
	}
	return w
}

// run runs a command that must succeed, and returns its output.
func (w working) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := w.try(t, args...)
	if err != nil {
		t.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (w working) try(t *testing.T, args ...string) (string, error) {
	t.Helper()
	// The provider waits for many minutes for what moto never returns.
	ctx, cancel := context.WithTimeout(t.Context(), commandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "terraform", args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "TF_IN_AUTOMATION=1", "TF_CLI_ARGS=-no-color", "CHECKPOINT_DISABLE=1")
	cmd.Env = append(cmd.Env, w.env...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	if ctx.Err() != nil {
		err = errors.Join(ctx.Err(), err)
	}
	if err != nil {
		out.Write(problems.Bytes())
	}
	return out.String(), err
}

// zips creates a folder with a zip for each function.
func zips(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name := range mains {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		f, err := z.Create("bootstrap")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte("#!/bin/sh\n")); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+"-arm64.zip"), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
