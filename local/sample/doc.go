// Package sample writes a generated day of an organisation's CloudTrail log files, in
// AWS's layout. Accounts, people and resources are invented. The seed decides
// everything: the same options give the same files. Assumptions lists what the day
// assumes.
package sample

// Assumptions lists what the generated day assumes.
func Assumptions() []string {
	return []string{
		"one organisation of 6 accounts: management, security, production in two regions, staging, development",
		"18 people who sign in through SSO roles, one CI role, service roles, and AWS services that act by themselves",
		"load follows the working day: three times as much at 14:00 UTC as at 02:00",
		"78% reads (Describe, List, Get), 12% data plane and keys (AssumeRole, Decrypt, GetObject, Invoke), 10% changes",
		"2% of the reads and 8% of the launches fail: access denied, throttled, over a limit, a dry run",
		"instances, volumes, buckets, roles, functions and security groups are made, tagged, changed and, a third of them, deleted",
		"1 record in 200 is delivered a second time in another file, as CloudTrail does",
		"the records of a file are not in time order",
	}
}
