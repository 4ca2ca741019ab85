package secret

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const (
	ofSecretsManager = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:polo/clickhouse-AbCdEf"
	ofSSM            = "arn:aws:ssm:eu-west-1:111122223333:parameter/polo/clickhouse"
)

// vault fakes both services.
type vault struct {
	text   atomic.Pointer[string]
	broken atomic.Bool
	asked  atomic.Int32
}

func (v *vault) set(text string) { v.text.Store(&text) }

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.asked.Add(1)
	if v.broken.Load() {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"AccessDeniedException","message":"no"}`))
		return
	}
	body := map[string]any{"SecretString": v.text.Load()}
	if strings.Contains(r.Header.Get("X-Amz-Target"), "GetParameter") {
		body = map[string]any{"Parameter": map[string]any{"Value": v.text.Load()}}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(body)
}

func newVault(t *testing.T) (*vault, aws.Config) {
	t.Helper()
	v := &vault{}
	web := httptest.NewServer(v)
	t.Cleanup(web.Close)
	return v, aws.Config{Region: "us-east-1", BaseEndpoint: &web.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
}

func TestSecretIsReadAgain(t *testing.T) {
	t.Parallel()
	for _, name := range []string{ofSecretsManager, ofSSM} {
		v, cfg := newVault(t)
		s, err := New(cfg, name)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
		s.now = func() time.Time { return now }
		want := func(when, text string, asked int32, get func(context.Context) (string, error)) {
			t.Helper()
			if got, err := get(t.Context()); err != nil || got != text || v.asked.Load() != asked {
				t.Errorf("%s, %s: %q after %d readings, want %q after %d: %v", name, when, got, v.asked.Load(), text, asked, err)
			}
		}
		v.set("one")
		want("at first", "one", 1, s.Value)
		v.set(`{"username":"polo","password":"two"}`)
		want("at once", "one", 1, s.Value)
		now = now.Add(between)
		want("when it was refused", "two", 2, s.Refresh)
		want("when it was refused again", "two", 2, s.Refresh)
		v.set("three")
		now = now.Add(keep)
		want("after a while", "three", 3, s.Value)
		v.broken.Store(true)
		now = now.Add(keep)
		want("when it cannot be read", "three", 4, s.Value)
	}
}

func TestInvalidSecrets(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "polo", "arn:aws:s3:::bucket", "arn:aws:ssm:eu-west-1:111122223333:document/x"} {
		if _, err := New(aws.Config{Region: "us-east-1"}, text); err == nil || !strings.Contains(err.Error(), "ARN") {
			t.Errorf("%q: %v", text, err)
		}
	}
	v, cfg := newVault(t)
	for text, says := range map[string]string{"": "empty", `{"username":"hidden"}`: `without a "password"`, `{"password":""}`: `without a "password"`} {
		v.set(text)
		s, err := New(cfg, ofSSM)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Value(t.Context()); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), ofSSM) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q: %v", text, err)
		}
	}
	v.broken.Store(true)
	s, err := New(cfg, ofSecretsManager)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Value(t.Context()); err == nil || !strings.Contains(err.Error(), "AccessDenied") || errors.Is(err, context.Canceled) {
		t.Errorf("refused: %v", err)
	}
}
