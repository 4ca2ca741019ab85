package integration_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// vault is a fake of AWS Secrets Manager.
type vault struct {
	url string

	mu      sync.Mutex
	secrets map[string]string
}

func newVault(t *testing.T) *vault {
	t.Helper()
	v := &vault{secrets: map[string]string{}}
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	v.url = server.URL
	return v
}

// put stores, or rotates, a secret of several fields, and returns its ARN.
func (v *vault) put(t *testing.T, name string, fields map[string]string) string {
	t.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	arn := "arn:aws:secretsmanager:us-east-1:111122223333:secret:" + name
	v.secrets[arn] = string(text)
	return arn
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	var in struct{ SecretID string }
	err := json.NewDecoder(r.Body).Decode(&in)
	text, known := v.secrets[in.SecretID]
	if err != nil || !known || r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"ResourceNotFoundException","message":"no such secret"}`))
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"ARN": in.SecretID, "SecretString": text})
}
