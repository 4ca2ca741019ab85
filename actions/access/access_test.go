package access_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"polo/actions/access"
	"polo/actions/access/accesstest"
)

type object = map[string]any

var start = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// fixture is a verifier and a request that it takes.
type fixture struct {
	team           *accesstest.Team
	worker, wrong  ed25519.PrivateKey
	now            time.Time
	head, claims   object
	verifier       *access.Verifier
	body           []byte
	method, path   string
	keyID, overlay string
	signedAt       time.Time
	change         func(*http.Request)
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{team: accesstest.NewTeam(t), now: start, signedAt: start, keyID: "w1", body: []byte(`{"a":1}`), method: http.MethodPost, path: "/execute"}
	var public ed25519.PublicKey
	public, f.worker = accesstest.Keys(t)
	_, f.wrong = accesstest.Keys(t)
	f.head = object{"alg": "RS256", "kid": "t1"}
	f.claims = f.team.Claims("ada@example.com", start)
	var err error
	f.verifier, err = access.New(access.Config{
		Team: f.team.URL, Audience: accesstest.Audience, Keys: map[string]ed25519.PublicKey{"w1": public}, Now: func() time.Time { return f.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// send signs and verifies a request.
func (f *fixture) send(t *testing.T) (access.Caller, error) {
	t.Helper()
	return f.verify(t, f.sign(t))
}

func (f *fixture) sign(t *testing.T) *http.Request {
	t.Helper()
	r := httptest.NewRequest(f.method, f.path, nil)
	access.Sign(r, f.body, f.team.Token(t, f.head, f.claims), f.keyID, f.worker, f.signedAt)
	if f.change != nil {
		f.change(r)
	}
	return r
}

func (f *fixture) verify(t *testing.T, r *http.Request) (access.Caller, error) {
	t.Helper()
	return f.verifier.Verify(t.Context(), r, f.body)
}

func refused(t *testing.T, err error, want access.Code) {
	t.Helper()
	var r *access.Refusal
	if !errors.As(err, &r) || r.Code != want {
		t.Errorf("refused by %v, want %s", err, want)
	}
}

// Each check refuses what only it would.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*fixture)
		want   access.Code
	}{
		{"nothing", func(*fixture) {}, ""},
		{"no token", func(f *fixture) { f.change = func(r *http.Request) { r.Header.Del(access.HeaderToken) } }, access.CodeNoToken},
		{"two parts", func(f *fixture) { f.overlay = "a.b" }, access.CodeMalformed},
		{"another algorithm", func(f *fixture) { f.head["alg"] = "none" }, access.CodeAlgorithm},
		{"HMAC", func(f *fixture) { f.head["alg"] = "HS256" }, access.CodeAlgorithm},
		{"a critical extension", func(f *fixture) { f.head["crit"] = []string{"x"} }, access.CodeAlgorithm},
		{"an unknown key", func(f *fixture) { f.head["kid"] = "t9" }, access.CodeTokenKey},
		{"another's signature", func(f *fixture) { f.team.Key, _ = rsa.GenerateKey(rand.Reader, 2048) }, access.CodeTokenSignature},
		{"another issuer", func(f *fixture) { f.claims["iss"] = "https://other.cloudflareaccess.com" }, access.CodeIssuer},
		{"the dashboard's audience", func(f *fixture) { f.claims["aud"] = []string{"dashboard"} }, access.CodeAudience},
		{"no audience", func(f *fixture) { delete(f.claims, "aud") }, access.CodeAudience},
		{"one audience as a text", func(f *fixture) { f.claims["aud"] = "actions" }, ""},
		{"expired", func(f *fixture) { f.claims["exp"] = start.Add(-31 * time.Second).Unix() }, access.CodeTokenExpired},
		{"expired within the skew", func(f *fixture) { f.claims["exp"] = start.Add(-29 * time.Second).Unix() }, ""},
		{"no expiry", func(f *fixture) { delete(f.claims, "exp") }, access.CodeTokenExpired},
		{"a huge expiry", func(f *fixture) { f.claims["exp"] = 1e300 }, access.CodeTokenExpired},
		{"of the future", func(f *fixture) { f.claims["iat"] = start.Add(time.Minute).Unix() }, access.CodeTokenFuture},
		{"not yet", func(f *fixture) { f.claims["nbf"] = start.Add(time.Minute).Unix() }, access.CodeTokenFuture},
		{"no time of issue", func(f *fixture) { delete(f.claims, "iat") }, access.CodeTokenFuture},
		{"issued long ago", func(f *fixture) { f.claims["iat"] = start.Add(-16 * time.Minute).Unix() }, access.CodeTokenOld},
		{"another type", func(f *fixture) { f.claims["type"] = "org" }, access.CodeTokenType},
		{"a service token", func(f *fixture) { f.claims["common_name"], f.claims["email"], f.claims["sub"] = "svc", "", "" }, access.CodeNobody},
		{"not signed", func(f *fixture) { f.change = func(r *http.Request) { r.Header.Del(access.HeaderSignature) } }, access.CodeNoSignature},
		{"a key that was removed", func(f *fixture) { f.keyID = "w0" }, access.CodeSignatureKey},
		{"another's key", func(f *fixture) { f.worker = f.wrong }, access.CodeSignature},
		{"another method", func(f *fixture) { f.change = func(r *http.Request) { r.Method = http.MethodPut } }, access.CodeSignature},
		{"another path", func(f *fixture) { f.change = func(r *http.Request) { r.URL.Path = "/undo" } }, access.CodeSignature},
		{"a query", func(f *fixture) { f.change = func(r *http.Request) { r.URL.RawQuery = "a=b" } }, access.CodeSignature},
		{"another body", func(f *fixture) { f.change = func(*http.Request) { f.body = []byte(`{"a":2}`) } }, access.CodeSignature},
		{"another time", func(f *fixture) {
			f.change = func(r *http.Request) { r.Header.Set(access.HeaderTime, "1772445601") }
		}, access.CodeSignature},
		{"another nonce", func(f *fixture) {
			f.change = func(r *http.Request) { r.Header.Set(access.HeaderNonce, strings.Repeat("0", 32)) }
		}, access.CodeSignature},
		{"another person's token", func(f *fixture) {
			f.change = func(r *http.Request) {
				f.claims["email"] = "eve@example.com"
				r.Header.Set(access.HeaderToken, f.team.Token(&testing.T{}, f.head, f.claims))
			}
		}, access.CodeSignature},
		{"signed long ago", func(f *fixture) { f.signedAt = start.Add(-61 * time.Second) }, access.CodeSignatureOld},
		{"signed in the future", func(f *fixture) { f.signedAt = start.Add(31 * time.Second) }, access.CodeSignatureFuture},
		{"signed within the skew", func(f *fixture) { f.signedAt = start.Add(29 * time.Second) }, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			tc.change(f)
			r := f.sign(t)
			if f.overlay != "" {
				access.Sign(r, f.body, f.overlay, f.keyID, f.worker, f.signedAt)
			}
			got, err := f.verify(t, r)
			if tc.want != "" {
				refused(t, err, tc.want)
				return
			}
			if err != nil || got.Email != "ada@example.com" || got.Subject != "s-ada@example.com" || got.Nonce != r.Header.Get(access.HeaderNonce) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// A request is taken once.
func TestReplay(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	r := f.sign(t)
	if _, err := f.verify(t, r); err != nil {
		t.Fatal(err)
	}
	for _, later := range []time.Duration{0, 30 * time.Second, 60 * time.Second} {
		f.now = start.Add(later)
		_, err := f.verify(t, r)
		refused(t, err, access.CodeReused)
	}
	f.now = start.Add(61 * time.Second)
	_, err := f.verify(t, r)
	refused(t, err, access.CodeSignatureOld)
}

// Keys are fetched once an hour, for an unknown id once a minute, and kept for a day while their source is down.
func TestKeys(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	send := func() error {
		f.signedAt, f.claims["iat"], f.claims["exp"] = f.now, f.now.Unix(), f.now.Add(time.Hour).Unix()
		_, err := f.send(t)
		return err
	}
	f.team.Down.Store(true)
	refused(t, send(), access.CodeNoKeys)
	f.team.Down.Store(false)
	refused(t, send(), access.CodeNoKeys) // not again within a second
	f.now = f.now.Add(time.Second)
	for range 3 {
		if err := send(); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.team.Fetches.Load(); n != 2 {
		t.Errorf("%d fetches", n)
	}
	f.team.Name("t2")
	f.head["kid"] = "t2"
	refused(t, send(), access.CodeTokenKey)
	f.now = f.now.Add(time.Minute)
	if err := send(); err != nil {
		t.Error(err)
	}
	f.team.Down.Store(true)
	f.now = f.now.Add(2 * time.Hour)
	if err := send(); err != nil {
		t.Errorf("the source is down, and its keys are known: %v", err)
	}
	f.now = f.now.Add(23 * time.Hour)
	refused(t, send(), access.CodeNoKeys)
	f.team.Down.Store(false)
	f.now = f.now.Add(time.Minute)
	if err := send(); err != nil {
		t.Errorf("the source is back: %v", err)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	key := map[string]ed25519.PublicKey{"w": make(ed25519.PublicKey, 32)}
	for name, c := range map[string]access.Config{
		"no team":        {Audience: "a", Keys: key},
		"plain http":     {Team: "http://team.example.com", Audience: "a", Keys: key},
		"a path":         {Team: "https://team.example.com/x", Audience: "a", Keys: key},
		"no audience":    {Team: "https://team.example.com", Keys: key},
		"no keys":        {Team: "https://team.example.com", Audience: "a"},
		"a short key":    {Team: "https://team.example.com", Audience: "a", Keys: map[string]ed25519.PublicKey{"w": make(ed25519.PublicKey, 31)}},
		"a week's token": {Team: "https://team.example.com", Audience: "a", Keys: key, MaxAge: 7 * 24 * time.Hour},
	} {
		if _, err := access.New(c); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
