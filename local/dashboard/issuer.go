package dashboard

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"sync"
	"time"
)

// How long a token is valid, and how long the issuer hands out the same one.
const (
	tokenLife  = 5 * time.Minute
	tokenReuse = time.Minute
)

// issuer plays Cloudflare Access: it signs the tokens that Access adds to a request, and serves the
// keys to verify them with. Its key lives as long as it does.
//
// Source: Cloudflare, "Validate JWTs" and "Application token".
type issuer struct {
	url, audience, email string
	kid                  string
	key                  *rsa.PrivateKey
	now                  func() time.Time

	mu     sync.Mutex
	token  string
	signed time.Time
}

// newIssuer returns the issuer at a URL, for one person.
func newIssuer(url, email string, now func() time.Time) (*issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("making the issuer's key: %w", err)
	}
	sum := sha256.Sum256(key.N.Bytes())
	audience := make([]byte, 32)
	_, _ = rand.Read(audience) // it never fails
	return &issuer{url: url, audience: hex.EncodeToString(audience), email: email, kid: hex.EncodeToString(sum[:]), key: key, now: now}, nil
}

// jwk is a public key as Access serves it.
type jwk struct {
	Kid string `json:"kid"`
	Kty string `json:"kty"`
	Alg string `json:"alg"`
	Use string `json:"use"`
	E   string `json:"e"`
	N   string `json:"n"`
}

// ServeHTTP answers /cdn-cgi/access/certs.
func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/cdn-cgi/access/certs" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string][]jwk{"keys": {{
		Kid: i.kid, Kty: "RSA", Alg: "RS256", Use: "sig",
		E: base64.RawURLEncoding.EncodeToString(big.NewInt(int64(i.key.E)).Bytes()), N: base64.RawURLEncoding.EncodeToString(i.key.N.Bytes()),
	}}}) // the client may have disconnected
}

// claims are those of a person's token.
type claims struct {
	Audience []string `json:"aud"`
	Email    string   `json:"email"`
	Expires  int64    `json:"exp"`
	Issued   int64    `json:"iat"`
	NotYet   int64    `json:"nbf"`
	Issuer   string   `json:"iss"`
	Type     string   `json:"type"`
	Subject  string   `json:"sub"`
}

// assertion returns a token that is valid for some minutes more.
func (i *issuer) assertion() (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.now()
	if age := now.Sub(i.signed); i.token != "" && age >= 0 && age < tokenReuse {
		return i.token, nil
	}
	sub := sha256.Sum256([]byte(i.email))
	token, err := i.sign(claims{
		Audience: []string{i.audience}, Email: i.email, Issued: now.Unix(), NotYet: now.Unix(), Expires: now.Add(tokenLife).Unix(),
		Issuer: i.url, Type: "app", Subject: hex.EncodeToString(sub[:16]),
	})
	if err != nil {
		return "", err
	}
	i.token, i.signed = token, now
	return token, nil
}

// sign returns claims as a JSON Web Token, signed with RS256.
func (i *issuer) sign(c claims) (string, error) {
	header, err := json.Marshal(map[string]string{"alg": "RS256", "kid": i.kid, "typ": "JWT"})
	if err != nil {
		return "", fmt.Errorf("encoding a token's header: %w", err)
	}
	body, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encoding a token's claims: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
