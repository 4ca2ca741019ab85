package actions

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// minKey is the shortest key of a MAC, in bytes.
const minKey = 32

// Keys seal plans and approvals, so that they need not be stored to be trusted. Several keys
// are known while they rotate; the first seals.
type Keys struct {
	first string
	byID  map[string][]byte
}

// NewKeys returns the keys of some ids, the sealing one first.
func NewKeys(ids []string, byID map[string][]byte) (Keys, error) {
	if len(ids) == 0 {
		return Keys{}, errors.New("no key seals plans")
	}
	k := Keys{first: ids[0], byID: map[string][]byte{}}
	for _, id := range ids {
		if id == "" || strings.ContainsAny(id, ".") || len(byID[id]) < minKey {
			return Keys{}, fmt.Errorf("the key %q is not one of at least %d bytes with an id without a point", id, minKey)
		}
		k.byID[id] = byID[id]
	}
	return k, nil
}

// Kinds of sealed texts: one is never taken for another.
const (
	kindPlan     = "plan1"
	kindApproval = "approval1"
)

var (
	encoding   = base64.RawURLEncoding.Strict()
	errUnseals = errors.New("the seal is wrong")
)

// seal returns KIND.KEY.PAYLOAD.MAC.
func (k Keys) seal(kind string, payload []byte) string {
	text := kind + "." + k.first + "." + encoding.EncodeToString(payload)
	return text + "." + encoding.EncodeToString(mac(k.byID[k.first], text))
}

// open returns the payload of a sealed text.
func (k Keys) open(kind, text string) ([]byte, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 || parts[0] != kind {
		return nil, errUnseals
	}
	key, known := k.byID[parts[1]]
	sum, err := encoding.DecodeString(parts[3])
	if !known || err != nil || !hmac.Equal(sum, mac(key, strings.Join(parts[:3], "."))) { //mutant:actions-any-seal
		return nil, errUnseals
	}
	payload, err := encoding.DecodeString(parts[2])
	if err != nil {
		return nil, errUnseals
	}
	return payload, nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// hash returns the hash that an approval names a plan by.
func hash(payload []byte) string {
	sum := sha256.Sum256(payload)
	return hex.EncodeToString(sum[:])
}
