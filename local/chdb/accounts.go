package chdb

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

// accounts are the accounts that the doors accept: password hashes by name.
type accounts map[string]string

// accountsOf returns the accounts of people and parts, without the engine's internal
// ones.
func accountsOf(users Users) accounts {
	known := accounts{}
	for _, u := range users.all() {
		known[u.Name] = hashOf(u.Password)
	}
	return known
}

// admit reports whether u is a known account with the right password.
func (a accounts) admit(u User) bool {
	want, known := a[u.Name]
	return subtle.ConstantTimeCompare([]byte(hashOf(u.Password)), []byte(want)) == 1 && known
}

// hashOf returns a password's hash as users.xml stores it.
func hashOf(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}
