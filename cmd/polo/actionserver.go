package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"polo/actions/access"
	"polo/internal/cli"
	"polo/internal/httpsource"
	"polo/internal/plain"
)

// actionServer is the Action Lambda, and who calls it.
type actionServer struct {
	URL       string `name:"url" env:"POLO_ACTIONS_URL" help:"The URL of the function of actions." placeholder:"URL"`
	TokenFile string `env:"POLO_ACTIONS_TOKEN_FILE" help:"A file with your token of Access for actions: cloudflared access token --app URL." placeholder:"FILE" predictor:"file"`
	KeyFile   string `env:"POLO_ACTIONS_KEY_FILE" help:"A file with the private key that signs requests: Ed25519, PKCS #8 in PEM." placeholder:"FILE" predictor:"file"`
	KeyID     string `name:"key-id" env:"POLO_ACTIONS_KEY_ID" help:"The id of its public key in the function's settings." placeholder:"ID"`
}

// actionTime bounds a request: longer than the function's own time.
const actionTime = 2 * time.Minute

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 4 << 20

// send sends a request, signed, and returns the answer. One that is an error is returned as such.
func (s *actionServer) send(ctx context.Context, method, path string, body any) (actionAnswer, error) {
	base, token, key, err := s.credentials()
	if err != nil {
		return actionAnswer{}, err
	}
	var text []byte
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return actionAnswer{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, actionTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, base+path, bytes.NewReader(text))
	if err != nil {
		return actionAnswer{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	access.Sign(r, text, token, s.KeyID, key, time.Now())
	// The token goes nowhere else.
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		return actionAnswer{}, fmt.Errorf("asking the function of actions: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // only read
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return actionAnswer{}, fmt.Errorf("reading the answer: %w", err)
	}
	a := actionAnswer{raw: raw}
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, fmt.Errorf("the answer has status %d and is not of the function of actions: check --url", response.StatusCode)
	}
	switch {
	case a.Error != nil:
		return a, fmt.Errorf("%s (%s, request %s)", plain.Text(a.Error.Message), plain.Text(a.Error.Code), plain.Text(a.RequestID))
	case path == "/plan" && a.Planned == nil, path == "/approve" && a.Approval == "", path == "/actions" && a.Catalogue == nil,
		(path == "/execute" || path == "/undo") && a.Outcome == nil:
		return a, fmt.Errorf("the answer has status %d and not what was asked for", response.StatusCode)
	}
	return a, nil
}

// credentials reads who calls, and reports every fault.
func (s *actionServer) credentials() (base, token string, key ed25519.PrivateKey, err error) {
	var errs []error
	u, problem := url.Parse(s.URL)
	if problem != nil || u.Host == "" || u.Scheme != "https" && !httpsource.IsLocal(u) || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		errs = append(errs, errors.New("--url is not https:// and a host alone"))
	}
	if s.KeyID == "" {
		errs = append(errs, errors.New("--key-id is not set"))
	}
	text, problem := os.ReadFile(s.TokenFile)
	if token = strings.TrimSpace(string(text)); problem != nil || token == "" {
		errs = append(errs, errors.Join(errors.New("--token-file has no token"), problem))
	}
	text, problem = os.ReadFile(s.KeyFile)
	if problem == nil {
		key, problem = privateKey(text)
	}
	if problem != nil {
		errs = append(errs, fmt.Errorf("--key-file: %w", problem))
	}
	if len(errs) > 0 {
		return "", "", nil, cli.Usage("%w", errors.Join(errs...))
	}
	return strings.TrimSuffix(s.URL, "/"), token, key, nil
}

// privateKey reads a key of Ed25519. The error never quotes it.
func privateKey(text []byte) (ed25519.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("it is not a PRIVATE KEY in PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("it is not PKCS #8")
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("it is not a key of Ed25519")
	}
	return key, nil
}
