// Package terraform holds the tests of the deployment: that it is well-formed and refuses
// bad settings, that it can be made and taken away with the real provider, that its
// policies allow what the code calls and no more, and that each alarm has its entry in the
// runbook.
package terraform
