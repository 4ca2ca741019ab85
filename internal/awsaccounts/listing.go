package awsaccounts

import (
	"strings"

	"polo/internal/account"
)

// Listing is the list of accounts.
type Listing struct {
	// Accounts are all accounts by id, suspended ones included.
	Accounts []account.Account
	// Management is the id of the organisation's management account; empty for a list
	// from configuration.
	Management string
	// Missing is what could not be read about them.
	Missing []Missing
}

// Missing is a detail of the accounts that could not be read, and why.
type Missing struct {
	// What is the call that failed, such as "organizations:ListTagsForResource".
	What string
	Err  error
}

// StatusActive is AWS Organizations' status of an account in use.
const StatusActive = "ACTIVE"

// Active returns the accounts that collectors run over. A suspended account refuses
// every call, so each run would report the same gap.
func (l Listing) Active() []account.Account {
	var active []account.Account
	for _, a := range l.Accounts {
		if a.Status == "" || a.Status == StatusActive {
			active = append(active, a)
		}
	}
	return active
}

// RoleTags lists the tags that may hold an account's role; the first one present
// counts. Keys are compared without case.
func RoleTags() []string { return []string{"polo:role", "account-role", "account_role", "role"} }

// WithRoles sets the accounts' roles: as configured by id, else as listed, else by tag.
func (l Listing) WithRoles(configured map[string]string) Listing {
	accounts := make([]account.Account, len(l.Accounts))
	for i, a := range l.Accounts {
		if role := configured[a.ID]; role != "" {
			a.Role = role
		} else if a.Role == "" {
			a.Role = roleOfTags(a.Tags)
		}
		accounts[i] = a
	}
	l.Accounts = accounts
	return l
}

func roleOfTags(tags map[string]string) string {
	for _, key := range RoleTags() {
		if v := tags[key]; v != "" {
			return v
		}
		// Of several spellings the smallest counts, so that every run agrees.
		spelt := ""
		for k, v := range tags {
			if strings.EqualFold(k, key) && v != "" && (spelt == "" || k < spelt) {
				spelt = k
			}
		}
		if spelt != "" {
			return tags[spelt]
		}
	}
	return ""
}
