//go:build race

package faults_test

// raceEnabled says that the race detector is on, which takes many times the memory.
const raceEnabled = true
