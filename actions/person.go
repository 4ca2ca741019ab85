package actions

import "strings"

// Person is who asks, approves or executes, as Access says it.
type Person struct {
	Email   string `json:"email"`
	Subject string `json:"subject"`
}

// Is reports whether two are one person: the same mailbox, however its address is written, or the same subject.
func (p Person) Is(other Person) bool {
	return strings.EqualFold(mailbox(p.Email), mailbox(other.Email)) || p.Subject != "" && p.Subject == other.Subject
}

// mailbox returns an address without a suffix: ada+oncall@example.com is delivered to ada@example.com.
func mailbox(email string) string {
	email = strings.TrimSpace(email)
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return email
	}
	if plus := strings.IndexByte(email[:at], '+'); plus > 0 {
		return email[:plus] + email[at:]
	}
	return email
}

// Caller is who sent a request.
type Caller struct {
	Person Person
	// Request is the id of the request: the name of the session that writes.
	Request string
	// Nonce is the request's own, which its signature covers.
	Nonce string
}
