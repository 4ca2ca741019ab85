package github

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"polo/internal/httpsource"
)

const (
	// signedBefore allows for GitHub's clock being behind, signedFor stays below its bound
	// of ten minutes.
	//
	// Source: GitHub, "Generating a JSON Web Token (JWT) for a GitHub App".
	signedBefore, signedFor = time.Minute, 9 * time.Minute
	// renewBefore is how long before its end, an hour after it was made, a token is
	// replaced.
	renewBefore = 5 * time.Minute
)

// jwt returns what an App identifies itself by.
func (c *Clients) jwt(ctx context.Context) (string, error) {
	fields, err := c.secret(ctx, "app_id", "private_key")
	if err != nil {
		return "", err
	}
	return sign(fields[0], fields[1], time.Now())
}

// sign returns a JSON Web Token of an App, signed with RS256. No error quotes the key.
func sign(appID, privateKey string, now time.Time) (string, error) {
	key, err := parseKey(privateKey)
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(struct {
		IssuedAt int64  `json:"iat"`
		Expires  int64  `json:"exp"`
		Issuer   string `json:"iss"`
	}{now.Add(-signedBefore).Unix(), now.Add(signedFor).Unix(), appID})
	if err != nil {
		return "", fmt.Errorf("encoding the App's claims: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", errors.New("signing with the App's private_key failed")
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// parseKey parses the PEM text of an RSA key, of PKCS #1 or PKCS #8.
func parseKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the App's private_key is no PEM text")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("the App's private_key is no RSA key")
	}
	return key, nil
}

// installation is an App on an account.
type installation struct {
	ID      int64 `json:"id"`
	Account struct {
		Login string `json:"login"`
		Slug  string `json:"slug"`
	} `json:"account"`
	Selection string  `json:"repository_selection"`
	Suspended *string `json:"suspended_at"`
}

// installed returns how an App reads an owner that it is installed on.
func (c *Clients) installed(ctx context.Context, app *httpsource.Client, o owner) (*access, error) {
	path := o.path() + "/installation"
	if id, err := c.secret(ctx, "installation_id"); err == nil {
		path = "/app/installations/" + id[0]
	}
	a, err := app.Get(ctx, path, nil)
	if err != nil {
		return nil, fmt.Errorf("finding the App's installation: %w", err)
	}
	var found installation
	if err := a.Decode(&found); err != nil {
		return nil, fmt.Errorf("finding the App's installation: %w", err)
	}
	name := found.Account.Login
	if o.enterprise {
		name = found.Account.Slug
	}
	switch {
	case found.ID == 0:
		return nil, a.Invalid("its answer has no id")
	case !strings.EqualFold(name, o.name):
		return nil, &httpsource.Error{Request: a.Request, Reason: httpsource.Denied, Message: "the App's installation_id is not of " + o.name}
	case found.Suspended != nil:
		return nil, &httpsource.Error{Request: a.Request, Reason: httpsource.Disabled, Message: "the App's installation is suspended"}
	}
	t := &installationToken{app: app, id: found.ID}
	// Asked for here, where a wait has the run's time and not that of one request.
	if _, err := t.get(ctx); err != nil {
		return nil, err
	}
	client, err := c.client(t.get)
	return &access{Client: client, app: true, selected: found.Selection != "all", repos: -1}, err
}

// installationToken is a token that is replaced before it ends. Safe for concurrent use.
type installationToken struct {
	app *httpsource.Client
	id  int64

	mu    sync.Mutex
	token string
	ends  time.Time
}

func (t *installationToken) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Now().Before(t.ends.Add(-renewBefore)) {
		return t.token, nil
	}
	a, err := t.app.Do(ctx, httpsource.Request{Method: http.MethodPost, Path: "/app/installations/" + strconv.FormatInt(t.id, 10) + "/access_tokens"})
	if err != nil {
		return "", fmt.Errorf("asking for a token of the App's installation: %w", err)
	}
	var made struct {
		Token string    `json:"token"`
		Ends  time.Time `json:"expires_at"`
	}
	// The decoder's error could quote the answer.
	if json.NewDecoder(bytes.NewReader(a.Body)).Decode(&made) != nil || made.Token == "" || made.Ends.IsZero() {
		return "", a.Invalid("its answer has no token and expires_at")
	}
	t.token, t.ends = made.Token, made.Ends
	return t.token, nil
}
