// Package resolve finds the resource that an API call acted on.
//
// A record's request and response are walked into leaves. A leaf is a candidate if it holds an
// ARN, a typed id, or a name in a member that keys.txt lists for the service. Signals (signal.go)
// rate each candidate: does it belong to the call's service, does the operation's noun name its
// type, is it in the record's list of resources. The call acted on the best one above MinScore;
// the others are relations (relationkind.go). An operation's verb says what it does, with the
// exceptions in verb.go.
//
// Explain returns all of that for one record.
package resolve
