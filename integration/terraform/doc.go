// Package terraform tests the deployment: it is well-formed and refuses bad settings, the
// real provider can create and destroy it, its policies allow exactly what the code calls,
// and each alarm has a runbook entry.
package terraform
