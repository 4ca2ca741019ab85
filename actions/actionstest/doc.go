// Package actionstest has what actions are tested against: an AWS that keeps what is done to
// it, holds sessions to their policies and fails on request; a journal and evidence in memory.
package actionstest
