// Package actions plans, approves, executes and undoes changes of resources: the only part of
// Polo that can write to a cloud. It trusts no caller: a plan carries its own proof, every gate
// is checked again when it is executed, and nothing is written before the journal has the
// intent. docs/ACTIONS.md is its threat model and its contract.
package actions
