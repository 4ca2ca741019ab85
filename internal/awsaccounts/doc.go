// Package awsaccounts gives access to AWS accounts: it lists them (from configuration
// or AWS Organizations) and builds an SDK configuration for each account and region,
// with the credentials of the role that reads there.
package awsaccounts
