package access

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Headers of the Worker's signature.
const (
	HeaderKey       = "Polo-Key"
	HeaderTime      = "Polo-Time"
	HeaderNonce     = "Polo-Nonce"
	HeaderSignature = "Polo-Signature"
)

// version is the first line of what is signed.
const version = "polo-actions-1"

// signed returns what a signature is over: seven lines.
func signed(method, path string, body []byte, seconds, nonce, token string) []byte {
	bodySum, tokenSum := sha256.Sum256(body), sha256.Sum256([]byte(token))
	return []byte(strings.Join([]string{version, method, path, hex.EncodeToString(bodySum[:]), seconds, nonce, hex.EncodeToString(tokenSum[:])}, "\n"))
}

// Sign signs a request with a body, and its token, as the Worker does.
func Sign(r *http.Request, body []byte, token, keyID string, key ed25519.PrivateKey, now time.Time) {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	seconds, nonce := strconv.FormatInt(now.Unix(), 10), hex.EncodeToString(random[:])
	r.Header.Set(HeaderToken, token)
	r.Header.Set(HeaderKey, keyID)
	r.Header.Set(HeaderTime, seconds)
	r.Header.Set(HeaderNonce, nonce)
	r.Header.Set(HeaderSignature, encoding.EncodeToString(ed25519.Sign(key, signed(r.Method, r.URL.EscapedPath(), body, seconds, nonce, token))))
}

// signature verifies the Worker's signature, and returns the nonce.
func (v *Verifier) signature(r *http.Request, body []byte, token string) (string, error) {
	id, seconds, nonce, text := r.Header.Get(HeaderKey), r.Header.Get(HeaderTime), r.Header.Get(HeaderNonce), r.Header.Get(HeaderSignature)
	if id == "" || seconds == "" || nonce == "" || text == "" {
		return "", refuse(CodeNoSignature, "The request is not signed.")
	}
	key, known := v.cfg.Keys[id]
	if !known { //mutant:access-old-key
		return "", refuse(CodeSignatureKey, "The key of the signature is unknown.")
	}
	signature, err := encoding.DecodeString(text)
	if err != nil || r.URL.RawQuery != "" || !ed25519.Verify(key, signed(r.Method, r.URL.EscapedPath(), body, seconds, nonce, token), signature) { //mutant:access-signature
		return "", refuse(CodeSignature, "The signature is wrong.")
	}
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return "", refuse(CodeSignature, "The time of the signature is no number of seconds.")
	}
	switch at, now := time.Unix(n, 0), v.cfg.Now(); {
	case now.Sub(at) > maxSignature: //mutant:access-signature-old
		return "", refuse(CodeSignatureOld, "The request was signed too long ago.")
	case at.Sub(now) > skew: //mutant:access-signature-future
		return "", refuse(CodeSignatureFuture, "The request was signed in the future.")
	}
	if raw, err := hex.DecodeString(nonce); err != nil || len(raw) != 16 {
		return "", refuse(CodeNonce, "The nonce is not 32 hexadecimal digits.")
	}
	return nonce, nil
}

// nonces are those of the requests that may still be sent again.
type nonces struct {
	now func() time.Time

	mu    sync.Mutex
	until map[string]time.Time
}

// take reports whether a nonce was not seen before.
func (n *nonces) take(nonce string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	if n.until == nil {
		n.until = map[string]time.Time{}
	}
	for old, until := range n.until {
		if now.After(until) {
			delete(n.until, old)
		}
	}
	if _, seen := n.until[nonce]; seen {
		return false
	}
	n.until[nonce] = now.Add(maxSignature + 2*skew)
	return true
}
