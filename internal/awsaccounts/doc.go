// Package awsaccounts reaches AWS accounts: which there are (a list, or what AWS
// Organizations tells), and a configuration of the SDK for each account and region,
// with the credentials of the role that reads there.
package awsaccounts
