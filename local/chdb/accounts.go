package chdb

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

// accounts are those that the doors let in: the hash of the password by name.
type accounts map[string]string

// accountsOf are the accounts of people and parts. The engine's own are not among them.
func accountsOf(users Users) accounts {
	known := accounts{}
	for _, u := range []User{users.Owner, users.Migrator, users.Writer, users.Reader} {
		known[u.Name] = hashOf(u.Password)
	}
	return known
}

// admit reports whether a client that says to be u is let in.
func (a accounts) admit(u User) bool {
	want, known := a[u.Name]
	return subtle.ConstantTimeCompare([]byte(hashOf(u.Password)), []byte(want)) == 1 && known
}

// hashOf is a password as users.xml has it.
func hashOf(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}
