// Package accesstest stands for Cloudflare Access in tests.
package accesstest

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// Team serves the keys of a team, and signs tokens.
type Team struct {
	*httptest.Server
	// Key signs tokens; the served key stays what it was.
	Key *rsa.PrivateKey
	// Down makes the server fail. Fetches counts requests.
	Down    atomic.Bool
	Fetches atomic.Int64

	kid atomic.Value
}

// NewTeam starts a team's server, which ends with the test. Its key is called t1.
func NewTeam(t testing.TB) *Team {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	x := &Team{Key: key}
	x.Name("t1")
	x.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.Fetches.Add(1)
		if x.Down.Load() || r.URL.Path != "/cdn-cgi/access/certs" {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		kid, _ := x.kid.Load().(string)
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{ // a client that has gone needs none
			map[string]string{"kty": "EC", "kid": "other"},
			map[string]string{"kty": "RSA", "kid": kid, "alg": "RS256", "use": "sig", "n": text(key.N.Bytes()), "e": text(big.NewInt(int64(key.E)).Bytes())},
		}})
	}))
	t.Cleanup(x.Close)
	return x
}

// Name renames the key.
func (x *Team) Name(kid string) { x.kid.Store(kid) }

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Token returns a token with a header and claims.
func (x *Team) Token(t testing.TB, head, claims map[string]any) string {
	t.Helper()
	var parts [2]string
	for i, part := range []map[string]any{head, claims} {
		b, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = text(b)
	}
	signed := parts[0] + "." + parts[1]
	sum := sha256.Sum256([]byte(signed))
	s, err := rsa.SignPKCS1v15(rand.Reader, x.Key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + text(s)
}

// Audience is that of the tests' application.
const Audience = "actions"

// Claims returns the claims of a person's token, issued a minute ago.
func (x *Team) Claims(email string, now time.Time) map[string]any {
	return map[string]any{
		"iss": x.URL, "aud": []string{Audience}, "exp": now.Add(time.Hour).Unix(), "iat": now.Add(-time.Minute).Unix(), "nbf": now.Add(-time.Minute).Unix(),
		"type": "app", "email": email, "sub": "s-" + email,
	}
}

// Person returns a person's token.
func (x *Team) Person(t testing.TB, email string, now time.Time) string {
	t.Helper()
	return x.Token(t, map[string]any{"alg": "RS256", "kid": "t1"}, x.Claims(email, now))
}

// Keys returns a pair of keys for signatures.
func Keys(t testing.TB) (ed25519.PublicKey, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return public, private
}
