// Package resolve finds which resource a call of an AWS API acted on.
//
// A record's request and response are walked into leaves. A leaf that holds an ARN, a typed
// id, or a name in a member that keys.txt lists for the service is a candidate. Signals
// (signal.go) rate each: is it of the call's service, does the operation's noun name its
// kind, does it stand in the record's list of resources. The best one over MinScore is what
// the call acted on, and the others are edges (relationkind.go). What an operation does is
// in its verb, and in the exceptions of verb.go.
//
// Explain says all that of one record.
package resolve
