// Package github reads what GitHub bills organisations or an enterprise, what is in the
// organisations, and what was done there.
//
// One credential answers all of it: a personal access token, or a GitHub App, which has
// a credential for each organisation that it is installed on. One client serves each
// credential. All keys are made by envelope.GitHubARN; the id of an account is its key
// without the platform: "acme", "@enterprise/slug", "ghe.example.com/acme". An actor is
// a login, because a person's key is the same as an organisation's.
//
// Source: GitHub, "REST API": billing usage, cost centers, organizations, repositories,
// teams, Actions, Dependabot and the audit log; "Webhook events and payloads".
package github
