// Package account defines the account of a cloud that collectors run over, however it
// was found.
package account

// Account is one account, project or organisation of a platform.
type Account struct {
	// ID keeps its leading zeros.
	ID   string
	Name string
	// Role is its purpose ("production", "payer", ...), in the organisation's own
	// words. It is stamped on every event of the account.
	Role string
	// Email and Status are the platform's; empty if it does not give them.
	Email, Status string
	// Path lists the names of the organisational units above it, the root first.
	Path []string
	// Units lists the ARNs of those units, nearest first, up to the organisation's
	// root. Organisation is the organisation's ARN.
	Units        []string
	Organisation string
	ARN          string
	Tags         map[string]string
}
