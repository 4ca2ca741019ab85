//go:build race

package faults_test

// raceEnabled tells of the race detector, which takes many times the memory.
const raceEnabled = true
