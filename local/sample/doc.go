// Package sample writes invented organisations as the files that AWS would write. WriteWorld
// writes a small one with bills, inventory and CloudTrail of some months, which are
// views of one model, and in which things happen that people may look for. Write writes
// a busy day of CloudTrail alone, as a load; Assumptions lists what it assumes. The
// seed and the time decide everything: the same options give the same files.
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
