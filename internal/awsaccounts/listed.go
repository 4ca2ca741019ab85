package awsaccounts

import (
	"errors"
	"fmt"
	"strings"

	"polo/internal/account"
)

// Listed parses accounts from configuration: "id[:name[:role]]", separated by commas or
// line breaks. It reports every fault at once.
func Listed(text string) ([]account.Account, error) {
	var all []account.Account
	var errs []error
	seen := map[string]bool{}
	for _, entry := range fields(text) {
		id, rest, _ := strings.Cut(entry, ":")
		name, role, _ := strings.Cut(rest, ":")
		id = strings.TrimSpace(id)
		switch {
		case !isAccountID(id):
			errs = append(errs, fmt.Errorf("%q: an account's id is 12 digits", id))
		case seen[id]:
			errs = append(errs, fmt.Errorf("account %s is listed twice", id))
		default:
			all = append(all, account.Account{ID: id, Name: strings.TrimSpace(name), Role: strings.TrimSpace(role)})
		}
		seen[id] = true
	}
	return all, errors.Join(errs...)
}

// Roles parses the accounts' roles from configuration: "id=role", separated as in
// Listed.
func Roles(text string) (map[string]string, error) {
	roles := map[string]string{}
	var errs []error
	for _, entry := range fields(text) {
		id, role, found := strings.Cut(entry, "=")
		id, role = strings.TrimSpace(id), strings.TrimSpace(role)
		if !found || !isAccountID(id) || role == "" {
			errs = append(errs, fmt.Errorf("%q: not of the form 123456789012=role", entry))
			continue
		}
		roles[id] = role
	}
	return roles, errors.Join(errs...)
}

func fields(text string) []string {
	var all []string
	for _, entry := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		if entry = strings.TrimSpace(entry); entry != "" {
			all = append(all, entry)
		}
	}
	return all
}

// isAccountID reports whether s is an AWS account id: 12 digits, leading zeros
// included.
func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}
