// Package alerts is the catalogue of Polo's alerts: one file of SQL each, with a header that a program
// can read. An alert's query returns a row for each thing that is wrong, with the labels that identify
// it, what was found, and a verdict: wrong, or unknown where what it rests on was not read to its end.
//
// The package evaluates nothing: polo/alerts does. README.md beside this file describes the files.
package alerts
