package awsaccounts

import (
	"strings"

	"polo/internal/account"
)

// Listing is the accounts there are.
type Listing struct {
	// Accounts are all of them, those that are suspended too, by id.
	Accounts []account.Account
	// Management is the id of the account that the organisation is managed from; empty
	// for a list from configuration.
	Management string
	// Missing is what could not be read about them.
	Missing []Missing
}

// Missing is something about the accounts that could not be read, and why.
type Missing struct {
	// What is the call, such as "organizations:ListTagsForResource".
	What string
	Err  error
}

// StatusActive is the status of an account in use, in the words of AWS Organizations.
const StatusActive = "ACTIVE"

// Active are the accounts that collectors run over. A suspended account refuses every
// call, which would be the same gap on each run.
func (l Listing) Active() []account.Account {
	var active []account.Account
	for _, a := range l.Accounts {
		if a.Status == "" || a.Status == StatusActive {
			active = append(active, a)
		}
	}
	return active
}

// RoleTags are the tags of an account that may say what it is for, the first that is
// there counts; keys are compared without case.
func RoleTags() []string { return []string{"polo:role", "account-role", "account_role", "role"} }

// WithRoles sets what accounts are for: as configured by id, else as it was listed,
// else by tag.
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
		// Of several spellings the least counts, so that each run says the same.
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
