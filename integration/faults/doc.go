// Package faults breaks the parts of Polo one by one and all together. The tables must
// then equal those of an undisturbed run. docs/RELIABILITY.md lists what is broken,
// when, and what must hold.
package faults
