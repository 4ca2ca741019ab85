package actions

import "strings"

// Person is who asks, approves or executes, as Access says it.
type Person struct {
	Email   string `json:"email"`
	Subject string `json:"subject"`
}

// Is reports whether two are one person: the same address, however it is written, or the same subject.
func (p Person) Is(other Person) bool {
	return strings.EqualFold(strings.TrimSpace(p.Email), strings.TrimSpace(other.Email)) || p.Subject != "" && p.Subject == other.Subject
}

// Caller is who sent a request.
type Caller struct {
	Person Person
	// Request is the id of the request: the name of the session that writes.
	Request string
	// Nonce is the request's own, which its signature covers.
	Nonce string
}
