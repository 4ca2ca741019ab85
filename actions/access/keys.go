package access

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"
)

const (
	// fetchTime bounds a fetch of the keys, and keepKeys is how long they are kept; they rotate every six weeks, and old ones
	// are valid for seven days more.
	fetchTime = 5 * time.Second
	keepKeys  = time.Hour
	// downKeys is how long they are valid while they cannot be fetched: one that was revoked must not be valid for good.
	downKeys = 24 * time.Hour
	// betweenFetches is the shortest time between two fetches while keys are known, and between tries while none are.
	betweenFetches = time.Minute
	betweenTries   = time.Second
	// maxKeysBody bounds the answer, and minBits is the shortest key of RSA.
	maxKeysBody = 1 << 20
	minBits     = 2048
)

// keys caches a team's keys: for an hour, fetched anew for an unknown id at most once a minute, and kept for a day while their
// source is down.
type keys struct {
	client *http.Client
	url    string
	now    func() time.Time

	mu      sync.Mutex
	byID    map[string]*rsa.PublicKey
	fetched time.Time
	tried   time.Time
}

// get returns the key of an id, or nil if there is none. An error means that no keys are known, or none that are young.
func (k *keys) get(ctx context.Context, id string) (*rsa.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if key := k.byID[id]; key != nil && now.Sub(k.fetched) < keepKeys {
		return key, nil
	}
	between := betweenFetches
	if k.byID == nil {
		between = betweenTries
	}
	var problem error
	if now.Sub(k.tried) >= between {
		k.tried = now
		var byID map[string]*rsa.PublicKey
		if byID, problem = k.fetch(ctx); problem == nil {
			k.byID, k.fetched = byID, now
		}
	}
	if k.byID == nil {
		return nil, errors.Join(errors.New("no keys are known"), problem)
	}
	if now.Sub(k.fetched) > downKeys {
		return nil, errors.Join(errors.New("the keys could not be fetched for a day"), problem)
	}
	return k.byID[id], nil
}

func (k *keys) fetch(ctx context.Context) (map[string]*rsa.PublicKey, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url, nil)
	if err != nil {
		return nil, err
	}
	response, err := k.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("fetching the keys of Access: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // only read
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetching the keys of Access: status %d", response.StatusCode)
	}
	var set struct {
		Keys []struct{ Kty, Kid, Alg, Use, N, E string }
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxKeysBody)).Decode(&set); err != nil {
		return nil, fmt.Errorf("reading the keys of Access: %w", err)
	}
	byID := map[string]*rsa.PublicKey{}
	for _, j := range set.Keys {
		if j.Kty != "RSA" || j.Kid == "" || j.Alg != "" && j.Alg != "RS256" || j.Use != "" && j.Use != "sig" {
			continue
		}
		if key := publicKey(j.N, j.E); key != nil {
			byID[j.Kid] = key
		}
	}
	if len(byID) == 0 {
		return nil, errors.New("reading the keys of Access: none is of RS256")
	}
	return byID, nil
}

// publicKey returns a key of RSA, or nil for what is none.
func publicKey(n, e string) *rsa.PublicKey {
	modulus, err := encoding.DecodeString(n)
	if err != nil {
		return nil
	}
	exponent, err := encoding.DecodeString(e)
	if err != nil || len(exponent) == 0 || len(exponent) > 4 {
		return nil
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(new(big.Int).SetBytes(exponent).Int64())}
	if key.N.BitLen() < minBits || key.E < 3 || key.E%2 == 0 {
		return nil
	}
	return key
}
