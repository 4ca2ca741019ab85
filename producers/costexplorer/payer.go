package costexplorer

import (
	"polo/envelope"
	"polo/internal/account"
	"polo/producers"
)

// Payers returns the scopes: one per account to query. Named accounts are queried whether they
// were found or not. If none is named, every account is queried, except members of an
// organisation whose management account is among them: that one pays for all, and its costs
// include the members'.
func Payers(accounts []account.Account, named []string) []producers.Scope {
	known := make(map[string]account.Account, len(accounts))
	for _, a := range accounts {
		known[a.ID] = a
	}
	var scopes []producers.Scope
	seen := map[string]bool{}
	add := func(a account.Account) {
		if !seen[a.ID] {
			seen[a.ID] = true
			scopes = append(scopes, producers.Scope{Account: a})
		}
	}
	for _, id := range named {
		a := known[id]
		a.ID = id
		add(a)
	}
	if len(named) > 0 {
		return scopes
	}
	for _, a := range accounts {
		payer := managementOf(a)
		if _, asked := known[payer]; asked && payer != a.ID {
			continue
		}
		add(a)
	}
	return scopes
}

// managementOf returns the management account of an account's organisation, "" if it has none:
// every ARN of an organisation contains it.
func managementOf(a account.Account) string {
	for _, text := range [...]string{a.Organisation, a.ARN} {
		if arn, err := envelope.ParseARN(text); err == nil && arn.Service == "organizations" {
			return arn.AccountID
		}
	}
	return ""
}
