package secret

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
)

func TestFields(t *testing.T) {
	t.Parallel()
	const key = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n"
	object := `{"api_key":"a-b-c","private_key":"-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n","number":7,"empty":""}`
	for _, name := range []string{ofSecretsManager, ofSSM, object} {
		v, cfg := newVault(t)
		v.set(object)
		f, err := NewFields(cfg, name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Get(t.Context(), "private_key", "api_key")
		if diff := cmp.Diff([]string{key, "a-b-c"}, got); err != nil || diff != "" {
			t.Errorf("error %v:\n%s", err, diff)
		}
		_, err = f.Get(t.Context(), "api_key", "number", "empty", "other")
		if err == nil || !strings.Contains(err.Error(), "number, empty, other") || strings.Contains(err.Error(), "a-b-c") {
			t.Errorf("error %v", err)
		}
	}
}

func TestFieldsRefuse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a-b-c", `["a-b-c"]`, "null", `"a-b-c"`} {
		v, cfg := newVault(t)
		v.set(text)
		f, err := NewFields(cfg, ofSecretsManager)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Get(t.Context(), "x"); err == nil || strings.Contains(err.Error(), "a-b-c") {
			t.Errorf("%s: error %v", text, err)
		}
	}
	if _, err := NewFields(aws.Config{}, `{"api_key":"a-b-c"`); err == nil || strings.Contains(err.Error(), "a-b-c") {
		t.Errorf("error %v", err)
	}
}
