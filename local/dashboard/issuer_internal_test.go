package dashboard

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// parse verifies a token with the keys that an issuer serves, and returns its claims.
func parse(t *testing.T, i *issuer, token string) map[string]any {
	t.Helper()
	w := httptest.NewRecorder()
	i.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/cdn-cgi/access/certs", nil))
	var served struct{ Keys []map[string]string }
	if err := json.Unmarshal(w.Body.Bytes(), &served); err != nil || len(served.Keys) != 1 {
		t.Fatalf("the keys are %s: %v", w.Body, err)
	}
	parts := strings.Split(token, ".")
	var raw [5][]byte
	for n, text := range append(parts, served.Keys[0]["n"], served.Keys[0]["e"]) {
		var err error
		if raw[n], err = base64.RawURLEncoding.DecodeString(text); err != nil {
			t.Fatal(err)
		}
	}
	var header map[string]string
	var body map[string]any
	if err := json.Unmarshal(raw[0], &header); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw[1], &body); err != nil {
		t.Fatal(err)
	}
	if header["alg"] != "RS256" || header["kid"] != served.Keys[0]["kid"] || served.Keys[0]["kty"] != "RSA" || served.Keys[0]["alg"] != "RS256" || served.Keys[0]["use"] != "sig" {
		t.Errorf("the header is %v, the key %v", header, served.Keys[0])
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(raw[3]), E: int(new(big.Int).SetBytes(raw[4]).Int64())}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw[2]); err != nil {
		t.Error(err)
	}
	return body
}

func TestIssuerSignsAsAccessDoes(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	i, err := newIssuer("http://127.0.0.1:1", "owner@localhost", func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	token := func() string {
		text, err := i.assertion()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := token()
	got := parse(t, i, first)
	want := map[string]any{
		"aud": []any{i.audience}, "email": "owner@localhost", "iss": "http://127.0.0.1:1", "type": "app", "sub": got["sub"],
		"iat": 1.8e9, "nbf": 1.8e9, "exp": 1.8e9 + tokenLife.Seconds(),
	}
	if diff := cmp.Diff(want, got); diff != "" || got["sub"] == "" || len(i.audience) != 64 {
		t.Errorf("the claims differ (-want +got):\n%s", diff)
	}
	if now = now.Add(tokenReuse - 1); token() != first {
		t.Error("the token is not kept")
	}
	if now = now.Add(1); token() == first {
		t.Error("the token is kept too long")
	}
	if now = now.Add(-time.Hour); parse(t, i, token())["iat"] != float64(now.Unix()) {
		t.Error("a token of the future is kept when the clock is set back")
	}
	w := httptest.NewRecorder()
	if i.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil)); w.Code != http.StatusNotFound {
		t.Errorf("another path: status %d", w.Code)
	}
}
