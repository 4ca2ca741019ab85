// Package account says what an account of a cloud is to Polo: what collectors run
// over, whoever found it.
package account

// Account is one account, project or organisation of a platform.
type Account struct {
	// ID keeps its leading zeros.
	ID   string
	Name string
	// Role is what it is for ("production", "payer", ...), in the organisation's own
	// words; it is stamped on every event of it.
	Role string
	// Email and Status are the platform's, where it tells them.
	Email, Status string
	// Path are the organisational units above it by name, the root first.
	Path []string
	// Units are the ARNs of those units, the nearest first, up to the organisation's
	// root; Organisation is that of the organisation.
	Units        []string
	Organisation string
	ARN          string
	Tags         map[string]string
}
