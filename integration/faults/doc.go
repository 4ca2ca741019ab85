// Package faults breaks the parts of Polo one by one and all together, and wants
// the very tables of a run that nobody disturbed. docs/RELIABILITY.md lists what
// is broken, when, and what must hold.
package faults
