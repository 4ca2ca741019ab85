package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
)

var errSignature = errors.New("its signature is not of this body and webhook_secret")

// verify checks the signature of a body, "sha256=" and the HMAC in hex, in constant time.
//
// Source: GitHub, "Validating webhook deliveries".
func verify(secret string, body []byte, signature string) error {
	digits, ok := strings.CutPrefix(signature, "sha256=")
	got, err := hex.DecodeString(digits)
	if !ok || err != nil {
		return errors.New("its " + headerSignature + " is not sha256= and hex digits")
	}
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(body) // a hash does not fail
	if !hmac.Equal(mac.Sum(nil), got) {
		return errSignature
	}
	return nil
}
